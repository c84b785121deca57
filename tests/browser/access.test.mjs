// The agent's work as some people do it: by keyboard alone, without script, and slowly enough for the
// session to end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, sitDown } from './support/browser.mjs';
import { examine } from './support/checks.mjs';
import { startDemo } from './support/demo.mjs';
import { arrive, follow, press, signIn, signOut, tabTo, title, words } from './support/person.mjs';

const MISSION = 'Accès aux quotients familiaux pour les activités petite enfance, enfance et jeunesse';

let demo, browser, me;

before(async () => {
  demo = await startDemo();
  me = demo.people.get('Agente de la commune');
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test('a file is found and read with the keyboard alone', async () => {
  const page = await sitDown(browser, demo.address);
  const enter = () => arrive(page, () => page.keyboard.press('Enter'));
  await page.goto('/');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Aller au contenu');
  await tabTo(page, page.getByLabel('Identifiant'));
  await page.keyboard.type(me.identifier);
  await tabTo(page, page.getByLabel('Mot de passe'));
  await page.keyboard.type(me.password);
  await enter();

  await tabTo(page, page.getByRole('navigation', { name: 'Menu principal' }).getByRole('link', { name: 'Consulter un dossier' }));
  await enter();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'contenu', 'the menu can be skipped');
  await tabTo(page, page.getByRole('radio', { name: MISSION }));
  await page.keyboard.press('Space');
  await tabTo(page, page.getByLabel('Numéro d’allocataire'));
  await page.keyboard.type(demo.fileNumber);
  await enter();
  assert.equal(await title(page), 'Dossier ouvert');

  await tabTo(page, page.getByRole('link', { name: 'Droits', exact: true }));
  await page.keyboard.press('Enter');
  assert.match(page.url(), /#droits$/);

  // At any moment, another number; the mission stays.
  await page.reload();
  await tabTo(page, page.getByLabel('Autre numéro d’allocataire'));
  await page.keyboard.type('9999999');
  await enter();
  assert.match(await words(page), /Aucun dossier à afficher pour ce numéro/);
  await tabTo(page, page.getByRole('button', { name: 'Se déconnecter' }));
  await enter();
  assert.match(await words(page), /Vous êtes déconnecté/);
});

test('everything works without script', async () => {
  const page = await sitDown(browser, demo.address, { javaScriptEnabled: false });
  await signIn(page, me);
  await follow(page, 'Consulter un dossier');
  await page.getByRole('radio', { name: MISSION }).check();
  await page.getByLabel('Numéro d’allocataire').fill('12 34 56 78 90');
  await press(page, 'Ouvrir le dossier');
  assert.match(await words(page), /Un numéro d’allocataire compte 7 chiffres au plus/);
  assert.ok(await page.getByRole('radio', { name: MISSION }).isChecked());
  await page.getByLabel('Numéro d’allocataire').fill(demo.fileNumber);
  await press(page, 'Ouvrir le dossier');
  assert.equal(await title(page), 'Dossier ouvert');
  assert.match(await words(page), /Quotient familial .* € /);
  await page.setViewportSize({ width: 360, height: 800 });
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await follow(page, 'Mes habilitations');
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await signOut(page);
  assert.match(await words(page), /Vous êtes déconnecté/);
});

test('two minutes before its end the session can be extended with one key, and then it clears the screen', async () => {
  const page = await sitDown(browser, demo.address);
  await page.clock.install();
  await signIn(page, me);
  await follow(page, 'Consulter un dossier');
  await page.getByLabel('Numéro d’allocataire').fill(demo.fileNumber);
  const dialog = page.getByRole('dialog', { name: 'Votre session se ferme dans 2 minutes' });
  assert.ok(!(await dialog.isVisible()));
  await page.clock.fastForward('28:01');
  await dialog.waitFor();
  await examine(page, 'the end of the session');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'hidden' });
  assert.equal(await page.getByLabel('Numéro d’allocataire').inputValue(), demo.fileNumber, 'the draft is kept');

  await page.clock.fastForward('28:01');
  await dialog.waitFor();
  await page.clock.fastForward('02:00');
  await page.waitForURL('**/ecran-efface');
  assert.ok(!(await words(page)).includes(demo.fileNumber));
  await examine(page, 'a cleared screen');
});

test('a form left unfinished is kept when the screen clears, and offered again after signing in', async () => {
  const page = await sitDown(browser, demo.address);
  const principal = demo.people.get('Administratrice principale de la commune');
  await page.clock.install();
  await signIn(page, principal);
  await follow(page, 'Ajouter une personne');
  await page.getByLabel('Prénom').fill('Ysaline');
  await page.getByLabel('Fonction').fill('Agente d’accueil');
  const kept = page.waitForResponse('**/saisies');
  await page.clock.fastForward('28:01');
  assert.equal((await kept).status(), 204);
  await page.getByRole('dialog', { name: 'Votre session se ferme dans 2 minutes' }).waitFor();
  await page.clock.fastForward('02:00');
  await page.waitForURL('**/ecran-efface');
  assert.ok(!(await words(page)).includes('Ysaline'));

  await page.context().clearCookies(); // the server's clock did not move: there the session still lives
  await signIn(page, principal);
  assert.match(await words(page), /Vous aviez commencé l’ajout d’une personne/);
  await examine(page, 'a form to resume');
  await tabTo(page, page.getByRole('link', { name: 'Reprendre l’ajout d’une personne' }));
  await arrive(page, () => page.keyboard.press('Enter'));
  assert.match(await words(page), /Votre saisie est reprise/);
  assert.equal(await page.getByLabel('Prénom').inputValue(), 'Ysaline');
  assert.equal(await page.getByLabel('Fonction').inputValue(), 'Agente d’accueil');
  await examine(page, 'a form resumed');
  await page.goto('/');
  await tabTo(page, page.getByRole('button', { name: 'Effacer la saisie : l’ajout d’une personne' }));
  await arrive(page, () => page.keyboard.press('Enter'));
  assert.match(await words(page), /la saisie est effacée/);
});

test('a session is ended from another one, and its page says so at the next click', async () => {
  const [here, there, further] = await Promise.all([1, 2, 3].map(() => sitDown(browser, demo.address)));
  for (const page of [there, further, here]) await signIn(page, me);
  await follow(here, 'Mes sessions');
  await examine(here, 'one’s own sessions');
  await tabTo(here, here.getByRole('button', { name: /^Fermer mes \d+ autres sessions$/ }));
  await arrive(here, () => here.keyboard.press('Enter'));
  assert.match(await words(here), /vos autres sessions sont fermées/);
  await follow(there, 'Mes habilitations');
  assert.match(await words(there), /fermée depuis une autre de vos sessions/);
  await examine(there, 'a session ended from another one');
  await follow(here, 'Aide et contact');
  assert.equal(await title(here), 'Aide et contact');
  await examine(here, 'help with the menu');
  await follow(here, 'Mes habilitations');
});
