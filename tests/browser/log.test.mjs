// The control of the log: a person asks for his own traces, an atypical use is judged, traces are taken away in a
// file. Pages that no link of the demonstration reaches as it comes, each held to what every page owes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, sitDown } from './support/browser.mjs';
import { examine } from './support/checks.mjs';
import { startDemo } from './support/demo.mjs';
import { arrive, fill, follow, lookUp, press, signIn, words } from './support/person.mjs';

let demo, browser, administrator, auditor, principal, agent;

before(async () => {
  demo = await startDemo();
  browser = await openBrowser();
  const parts = ['Administratrice de la caisse', 'Auditeur de la caisse', 'Administratrice principale de la commune', 'Agente de la commune'];
  [administrator, auditor, principal, agent] = await Promise.all(
    parts.map(async (part) => {
      const page = await sitDown(browser, demo.address);
      await signIn(page, demo.people.get(part));
      return page;
    }),
  );
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Asks for a page again until it says so: what a job does is not there at once. */
async function until(page, address, told) {
  for (let tries = 0; tries < 90; tries += 1) {
    await page.goto(address);
    if (told.test(await words(page))) return;
    await page.waitForTimeout(1_000);
  }
  throw new Error(`${address} never says ${told}: ${await words(page)}`);
}

/** What the job would signal of these look-ups some minutes later. */
function signalRefusals() {
  const identifier = demo.people.get('Agente de la commune').identifier;
  demo.sql(`
    INSERT INTO use_signal (id, organism_id, partner_id, account_id, service, rule, day, figure, threshold, raised_at,
      keep_until, state)
    SELECT x'0190000000007000800000000000e001', organism_id, partner_id, id, 'cdap', 'refused', date('now'), 6, 6,
      unixepoch() * 1000000, date('now', '+6 months'), 'open' FROM account WHERE identifier = '${identifier}';
    INSERT INTO use_evidence (signal_id, trace_id, organism_id, month, file_hash)
    SELECT x'0190000000007000800000000000e001', t.id, t.organism_id, t.month, t.file_hash FROM trace t
      JOIN account a ON a.id = t.actor_id WHERE a.identifier = '${identifier}' AND t.fact = 'file.looked_up';`);
}

/** The day in so many days, as a field of a date takes it. */
function day(from = 0) {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris' }).format(Date.now() + from * 86_400_000);
}

/** Sends a form as a browser that checks nothing would: the answer says what is missing. */
async function sendAsItIs(page, button) {
  await page.getByRole('main').locator('form[method=post]').first().evaluate((form) => (form.noValidate = true));
  await press(page, button);
}

test('a series of refused look-ups is signalled, justified by the partner, and judged', async () => {
  for (let nth = 1; nth <= 6; nth += 1) {
    await agent.goto('/consultation');
    await agent.getByRole('radio').first().check();
    await lookUp(agent, `900000${nth}`);
  }
  signalRefusals();
  await auditor.goto('/usages-atypiques');
  await examine(auditor, 'usages atypiques');
  await follow(auditor, /Ouvrir/, auditor.getByRole('main'));
  await examine(auditor, 'un usage atypique');
  const signal = auditor.url();
  await follow(auditor, 'Décider');
  await examine(auditor, 'décider');
  await sendAsItIs(auditor, 'Enregistrer la décision');
  await examine(auditor, 'décider, rien de choisi');
  await auditor.getByRole('radio', { name: /justif/i }).check();
  await fill(auditor, { 'Justification : ce que vous demandez au partenaire': 'Que cherchait cette personne ?' });
  await press(auditor, 'Enregistrer la décision');

  await principal.goto('/accueil');
  await examine(principal, 'accueil, justification attendue');
  await follow(principal, /Répondre/, principal.getByRole('main'));
  await examine(principal, 'justification');
  assert.doesNotMatch(await words(principal), /surveillance/i);
  await fill(principal, { 'Ce qui explique ces faits': 'Une liste de l’accueil portait d’anciens numéros.' });
  await press(principal, 'Envoyer la réponse');

  await auditor.goto(signal);
  assert.match(await words(auditor), /anciens numéros/);
  await examine(auditor, 'un usage atypique, justifié');
  await follow(auditor, 'Décider');
  await auditor.getByRole('radio', { name: /surveillance/i }).check();
  await fill(auditor, { Motif: 'Fait isolé, à suivre un mois.', 'Surveillance : jusqu’au': day(30) });
  await press(auditor, 'Enregistrer la décision');
  await auditor.goto('/surveillances');
  await examine(auditor, 'surveillances, une personne');
  await arrive(auditor, () => auditor.locator('main a[href^="/surveillances/"]').first().click());
  await examine(auditor, 'une surveillance');
  await administrator.goto('/surveillances');
  await examine(administrator, 'surveillances, pour l’administratrice');
});

test('an agent asks for her own traces, and reads the answer', async () => {
  await agent.goto('/mes-traces');
  await examine(agent, 'mes traces');
  await sendAsItIs(agent, 'Demander mes traces');
  await examine(agent, 'mes traces, motif oublié');
  await fill(agent, { Du: day(), Au: day(), Motif: 'Je prépare mon entretien annuel.' });
  await press(agent, 'Demander mes traces');
  await examine(agent, 'mes traces, demandées');

  await follow(principal, 'Demandes de traces');
  await arrive(principal, () => principal.locator('main a[href*="/demandes-de-traces/"]').first().click());
  await examine(principal, 'une demande de traces, à transmettre');
  await press(principal, 'Transmettre à l’organisme');

  await auditor.goto('/demandes-de-traces');
  await examine(auditor, 'demandes de traces');
  await arrive(auditor, () => auditor.locator('main a[href^="/demandes-de-traces/"]:not([href$="/nouvelle"])').first().click());
  await examine(auditor, 'une demande de traces');
  const request = auditor.url();
  await auditor.goto(`${request}/liste`);
  await examine(auditor, 'ce que la personne recevrait');
  await auditor.goto(request);
  await auditor.getByRole('radio').first().check();
  await press(auditor, 'Répondre');
  await examine(auditor, 'une demande de traces, répondue');

  await agent.goto('/mes-traces');
  await arrive(agent, () => agent.locator('main a[href^="/mes-traces/"]').first().click());
  assert.match(await words(agent), /Recherche d’un dossier/);
  assert.doesNotMatch(await words(agent), /9000001/);
  await examine(agent, 'mes traces, remises');
});

test('an auditor takes traces away in a file', async () => {
  await auditor.goto('/traces');
  await follow(auditor, 'Exporter ces traces');
  await examine(auditor, 'exporter');
  await sendAsItIs(auditor, 'Demander cet export');
  await examine(auditor, 'exporter, motif oublié');
  await auditor.getByRole('radio', { name: /CSV/ }).check();
  await fill(auditor, { Motif: 'Contrôle du mois.' });
  await press(auditor, 'Demander cet export');
  await until(auditor, auditor.url(), /Télécharger/);
  await examine(auditor, 'export prêt');
  const [file] = await Promise.all([
    auditor.waitForEvent('download'),
    auditor.getByRole('link', { name: 'Télécharger' }).click(),
  ]);
  assert.match(file.suggestedFilename(), /\.csv$/);
});
