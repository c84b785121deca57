// Every page that a person of the demonstration can reach by following links, as it comes and with each of
// its forms sent empty: held to what every page owes. A route that nobody reaches is named, with its reason.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { openBrowser, sitDown } from './support/browser.mjs';
import { examine } from './support/checks.mjs';
import { startDemo } from './support/demo.mjs';
import { arrive, lookUp, signIn, title } from './support/person.mjs';

/** Pages that no link of a signed-in person leads to. */
const NOT_BY_A_LINK = new Map([
  ['/sante', 'for machines'],
  ['/pret', 'for machines'],
  ['/ecran-efface', 'where a session that ends leaves the screen'],
  ['/', 'the page of those who are not signed in'],
  ['/connexion', 'a way to the page before it'],
  ['/demandes/{request}', 'no request waits in the demonstration; the journey makes one'],
  ['/usages-atypiques/{signal}', 'the test of the log goes there'],
  ['/usages-atypiques/{signal}/decision', 'the test of the log goes there'],
  ['/surveillances/{surveillance}', 'the test of the log goes there'],
  ['/justifications/{justification}', 'the test of the log goes there'],
  ['/mes-traces/{demand}', 'the test of the log goes there'],
  ['/mes-traces/{demand}/document', 'a file to keep'],
  ['/mes-traces/{demand}/tableau.csv', 'a file to keep'],
  ['/partenaires/{partner}/demandes-de-traces/{demand}', 'the test of the log goes there'],
  ['/demandes-de-traces/{demand}', 'the test of the log goes there'],
  ['/demandes-de-traces/{demand}/liste', 'the test of the log goes there'],
  ['/empreinte/derniere.txt', 'a file to keep'],
  ['/traces/{trace}/preuve', 'a file to keep'],
  ['/traces/exports/{export}', 'the test of the log goes there'],
  ['/traces/exports/{export}/fichier', 'a file to keep'],
  ['/empreinte/cles.txt', 'a file to keep'],
  ['/statistiques/tableau.csv', 'a file to keep'],
  ['/partenaires/{partner}/principal/code', 'an address of old, which leads to the page of any account'],
  ['/partenaires/{partner}/revue/gestionnaires', 'for rights of those who manage a partner: none here has any'],
]);

/** How many segments of a route stand for anything. */
const open = (route) => route.split('{').length;

// Those that name what they match come before those that match anything.
const routes = readFileSync(new URL('../it/golden/routes.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('GET '))
  .map((line) => line.split(/\s+/)[1])
  .sort((one, other) => open(one) - open(other));

/** The route of an address: ids differ, pages do not. */
function routeOf(address) {
  const segments = new URL(address).pathname.split('/');
  return routes.find((route) => {
    const wanted = route.split('/');
    return (
      wanted.length === segments.length &&
      wanted.every((segment, at) => segment === segments[at] || (segment.startsWith('{') && segments[at] !== 'nouveau' && segments[at] !== 'nouvelle'))
    );
  });
}

let demo, browser;
const reached = new Set();

before(async () => {
  demo = await startDemo();
  // Whatever the hour at which the tests run.
  demo.sql('UPDATE service SET opens_at = 0, closes_at = 24 WHERE opens_at IS NOT NULL');
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test('every page that a link leads to, for each person of the demonstration', async (t) => {
  assert.ok(demo.people.size > 0);
  await readAFile();
  for (const [office, person] of demo.people) {
    await t.test(office, async () => {
      const page = await sitDown(browser, demo.address);
      await signIn(page, person);
      const waiting = [page.url()];
      const seen = new Set();
      const faults = [];
      while (waiting.length > 0) {
        const address = waiting.shift();
        const route = routeOf(address);
        assert.ok(route, `${address} is no route`);
        if (seen.has(route)) continue;
        seen.add(route);
        reached.add(route);
        const answer = await page.goto(address);
        assert.equal(answer.status(), 200, `${office} follows a link to ${address}`);
        await noted(faults, () => examine(page, `${office} ${route.replaceAll('/', '·')}`));
        waiting.push(...(await links(page)));
        if (route === '/consultation') {
          await page.getByRole('radio').first().check();
          const byNir = (await page.getByLabel(/NIR/).count()) > 0;
          await lookUp(page, byNir ? demo.nir : demo.fileNumber);
          waiting.push(page.url());
        }
        if (route === '/traces/dossiers') {
          await page.getByLabel(/numéro du dossier/i).fill(demo.fileNumber);
          await arrive(page, () => page.getByRole('main').getByRole('button', { name: 'Chercher' }).click());
          waiting.push(page.url());
          await page.goto(address);
        }
        if (route === '/conservations/nouvelle') {
          await hold(page, person);
          waiting.push(page.url());
          await page.goto(address);
        }
        if (route === '/partenaires/{partner}/revue') {
          await noted(faults, () => review(page, office, address));
          waiting.push(page.url());
        }
        await noted(faults, () => sendFormsEmpty(page, office, address, route));
      }
      assert.deepEqual(faults, []);
    });
  }
});

test('no page is out of reach', () => {
  const missed = routes.filter((route) => !reached.has(route) && !NOT_BY_A_LINK.has(route));
  assert.deepEqual(missed, []);
});

/** Somebody reads a file before anybody looks for its traces: its agent of the commune does. */
async function readAFile() {
  const page = await sitDown(browser, demo.address);
  await signIn(page, demo.people.get('Agente de la commune'));
  await page.goto(`${demo.address}/consultation`);
  await page.getByRole('radio').first().check();
  await lookUp(page, demo.fileNumber);
}

/** Keeps the traces of somebody for an investigation: somebody else then may release them. */
async function hold(page, person) {
  const review = new Date(Date.now() + 60 * 24 * 3600 * 1000).toISOString().slice(0, 10);
  await page.getByRole('radio').first().check();
  await page.getByLabel('Personne : son identifiant').fill(person.identifier);
  await page.getByLabel('Fondement juridique').fill('Réquisition du procureur');
  await page.getByLabel('Motif').fill('Consultations contestées');
  await page.getByLabel('À réexaminer le').fill(review);
  await arrive(page, () => page.getByRole('button', { name: 'Garder ces traces' }).click());
}

/** Makes the whole review of the year, each of its pages examined, up to its report. */
async function review(page, office, address) {
  await arrive(page, () => page.getByRole('button', { name: 'Ouvrir la revue' }).click());
  await examine(page, `${office} revue ouverte`);
  await page.getByRole('radio', { name: 'Retirer' }).first().check();
  await arrive(page, () => page.getByRole('button', { name: 'Enregistrer mes choix' }).click());
  await examine(page, `${office} revue, retrait`);
  await page.goto(`${address}/transmettre`);
  reached.add(routeOf(page.url()));
  await examine(page, `${office} revue à finir`);
  for (;;) {
    await page.goto(address);
    const left = page.getByRole('radio', { name: 'Confirmer' });
    if ((await left.count()) === 0) break;
    for (const radio of await left.all()) await radio.check();
    await arrive(page, () => page.getByRole('button', { name: 'Enregistrer mes choix' }).click());
  }
  await examine(page, `${office} revue finie`);
  await page.goto(`${address}/transmettre`);
  await examine(page, `${office} revue à transmettre`);
  await page.getByRole('checkbox').check();
  await arrive(page, () => page.getByRole('button', { name: 'Transmettre la revue' }).click());
}

/** Does it; a fault is noted, so that one page does not hide those after it. */
async function noted(faults, act) {
  try {
    await act();
  } catch (error) {
    faults.push(error.message);
  }
}

/** The addresses of the links of a page, inside the portal, without their fragments. */
function links(page) {
  return page.locator('a[href]:not([download])').evaluateAll((anchors) =>
    anchors
      .map((anchor) => new URL(anchor.href))
      .filter((url) => url.origin === location.origin)
      .map((url) => url.origin + url.pathname + url.search),
  );
}

/** Sends each form that asks for something with nothing in it: it is refused in place, and says why. */
async function sendFormsEmpty(page, office, address, route) {
  const demanding = await page.locator('main form[method=post]').evaluateAll((forms) =>
    forms.flatMap((form, at) => (form.querySelector('[required]') ? [at] : [])),
  );
  for (const at of demanding) {
    await page.goto(address);
    await arrive(page, () =>
      page.locator('main form[method=post]').nth(at).evaluate((form) => {
        for (const field of form.querySelectorAll('input:not([type=hidden]), textarea, select')) {
          if (field.type === 'checkbox' || field.type === 'radio') field.checked = false;
          else if (field.tagName === 'SELECT') field.selectedIndex = -1;
          else field.value = '';
        }
        form.noValidate = true;
        form.requestSubmit([...form.elements].find((element) => element.type === 'submit'));
      }),
    );
    const faults = await page.locator('[aria-invalid=true], .fault, [role=alert]').count();
    assert.ok(faults > 0, `${office}: ${address}, sent empty, does not say what is missing («${await title(page)}»)`);
    await examine(page, `${office} ${route.replaceAll('/', '·')} vide`);
  }
}
