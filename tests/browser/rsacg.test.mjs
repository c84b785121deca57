// RSACG, as the agent of a département has it from an MSA: by NIR, in five rubrics, in his circonscription, at its
// hours; and the MSA, which manages the agent itself. Each step stands on those before it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, sitDown } from './support/browser.mjs';
import { examine } from './support/checks.mjs';
import { startDemo } from './support/demo.mjs';
import { arrive, follow, lookUp, signIn, title, words } from './support/person.mjs';

const MISSION = 'Instruction et suivi du RSA';
const PARTNER = 'Département du Bas-Rhin';
const RUBRICS = ['Famille', 'Droits', 'RSA', 'Ressources', 'Adresse'];

let demo, browser, agent, organism, broken;

before(async () => {
  demo = await startDemo();
  // Whatever the hour at which the tests run.
  openFrom(0, 24);
  browser = await openBrowser();
  [agent, organism] = [await sitDown(browser, demo.address), await sitDown(browser, demo.address)];
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** One step; after a failure the others are not tried: they would only say so again. */
function step(name, act) {
  test(name, async (t) => {
    if (broken) return t.skip(`«${broken}» failed`);
    broken = name;
    await act();
    broken = undefined;
  });
}

/** The hours of RSACG, on the organism's clocks. No page changes them. */
function openFrom(opens, closes) {
  demo.sql(`UPDATE service SET opens_at = ${opens}, closes_at = ${closes} WHERE code = 'rsacg'`);
}

function hourInParis() {
  const hour = new Intl.DateTimeFormat('fr-FR', { timeZone: 'Europe/Paris', hour: 'numeric', hourCycle: 'h23' });
  return Number.parseInt(hour.format(new Date()), 10);
}

/** The number, with its two digits of control. */
function withKey(body) {
  return `${body}${String(97 - Number(BigInt(body) % 97n)).padStart(2, '0')}`;
}

/** The words of the page, but for the number that is typed again in its field: a field's value is no word. */
async function refusal(page, number) {
  await lookUp(page, number);
  return words(page);
}

step('an agent declares his mission, and types a number with a wrong key: it is said beside the field, and kept', async () => {
  await signIn(agent, demo.people.get('Agente du département, pour la MSA'));
  await examine(agent, 'RSACG, dashboard of the agent');
  await follow(agent, 'Mes habilitations');
  assert.match(await words(agent), /Circonscription Haguenau-Wissembourg/);
  await examine(agent, 'RSACG, what I hold');
  await follow(agent, 'Consulter un dossier');
  await examine(agent, 'RSACG, looking up');
  await agent.getByLabel(MISSION).check();
  const wrong = `${demo.nir.slice(0, 13)}${demo.nir.endsWith('01') ? '02' : '01'}`;
  await lookUp(agent, wrong);
  const field = agent.getByLabel(/numéro de Sécurité sociale/i);
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  const described = (await field.getAttribute('aria-describedby')).split(' ');
  const beside = await Promise.all(described.map((id) => agent.locator(`[id="${id}"]`).innerText()));
  assert.match(beside.join(' '), /erreur de saisie/);
  assert.equal((await field.inputValue()).replace(/\s/g, ''), wrong);
  assert.ok(await agent.getByLabel(MISSION).isChecked(), 'the mission is kept');
  await examine(agent, 'RSACG, wrong key');
});

step('with the right key he reads the five rubrics', async () => {
  await lookUp(agent, demo.nir);
  assert.equal(await title(agent), 'Dossier ouvert');
  assert.ok(!agent.url().includes(demo.nir), 'no number in the address');
  for (const rubric of RUBRICS) await agent.getByRole('region', { name: rubric, exact: true }).waitFor();
  assert.equal(await agent.getByRole('region', { name: 'Quotient familial' }).count(), 0);
  await examine(agent, 'RSACG, a file');
});

step('a family of another circonscription answers like a number that nobody has', async () => {
  const [elsewhere] = demo.sql(
    `SELECT h.nir FROM file_holder h JOIN beneficiary_file f ON f.load_id = h.load_id AND f.number = h.number
     WHERE f.commune = '67437' ORDER BY h.nir LIMIT 1`,
  );
  await follow(agent, 'Consulter un dossier');
  await agent.getByLabel(MISSION).check();
  const outside = await refusal(agent, elsewhere);
  assert.match(outside, /Aucun dossier à afficher pour ce numéro/);
  await examine(agent, 'RSACG, no file to show');
  assert.equal(await refusal(agent, withKey('1990199999999')), outside);
});

step('outside its hours the service says when it opens again, and the agent still has his account', async () => {
  const hour = hourInParis();
  // An hour that is neither this one nor the next, lest the clock strike meanwhile.
  const opens = (hour + 2) % 23;
  openFrom(opens, opens + 1);
  const answer = await agent.goto('/consultation');
  assert.equal(answer.status(), 503);
  assert.match(await title(agent), /fermé à cette heure/);
  assert.match(await words(agent), new RegExp(`tous les jours de ${opens} h à ${opens + 1} h`));
  assert.match(await words(agent), new RegExp(`(aujourd’hui|demain) à ${opens} h 00`));
  // A service that is closed answers 503, as it should.
  agent.complaints.splice(0);
  await examine(agent, 'RSACG, closed');
  await agent.goto('/accueil');
  assert.match(await words(agent), /Fermé à cette heure/);
  await examine(agent, 'RSACG, dashboard at night');
  openFrom(5, 23);
});

step('the MSA manages the agent itself: his grant, his notification, his letters', async () => {
  await signIn(organism, demo.people.get('Administratrice de la MSA'));
  await follow(organism, 'Partenaires');
  await follow(organism, PARTNER);
  assert.match(await words(organism), /ni administrateur ni revue inverse/);
  await examine(organism, 'RSACG, a partner managed by the MSA');
  await follow(organism, 'Circonscriptions');
  await examine(organism, 'RSACG, circonscriptions');
  await follow(organism, 'Haguenau-Wissembourg');
  await examine(organism, 'RSACG, a circonscription');
  await organism.goBack();
  await follow(organism, PARTNER);
  await follow(organism, 'Utilisateurs', organism.getByRole('navigation', { name: PARTNER }));
  await follow(organism, 'Oberlaître Capucine');
  await follow(organism, 'Imprimer la notification d’habilitation');
  assert.match(await words(organism), /de 5 h à 23 h/);
  await examine(organism, 'RSACG, notification');
  await organism.goBack();
  await follow(organism, 'Lettres d’identifiant et de code');
  await arrive(organism, () => organism.getByRole('button', { name: /identifiant/ }).click());
  assert.match(await words(organism), /Capucine Oberlaître/);
  await examine(organism, 'RSACG, letter of the identifier');
});
