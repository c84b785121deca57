// What a person does in front of a page, by the words that she reads there.
import assert from 'node:assert/strict';

/** Follows a link, by its words, until the page that it leads to is there. */
export function follow(page, name, within = page) {
  return arrive(page, () => within.getByRole('link', { name }).first().click());
}

/** Presses a button, by its words, until the answer is there. */
export function press(page, name, within = page) {
  return arrive(page, () => within.getByRole('button', { name }).click());
}

/** Does what leads to another page, and waits until that page is there. */
export async function arrive(page, act) {
  const arrived = page.waitForEvent('load');
  arrived.catch(() => {}); // what could not be done says more than what then did not come
  await act();
  await arrived;
}

/** Fills fields in: their labels, exact, and what is typed. */
export async function fill(page, answers, within = page) {
  for (const [label, value] of Object.entries(answers)) {
    await within.getByLabel(label, { exact: true }).fill(value);
  }
}

/** The words of the page, as they are read: white space of any kind is one space. */
export async function words(page) {
  return readable(await page.getByRole('main').innerText());
}

/** The first title of the page. */
export async function title(page) {
  return readable(await page.getByRole('heading', { level: 1 }).innerText());
}

/** The value that a record gives to one of its terms. */
export async function recorded(page, term) {
  const line = page.locator('dl > div').filter({ has: page.getByRole('term').getByText(term, { exact: true }) });
  return readable(await line.getByRole('definition').first().innerText());
}

function readable(text) {
  return text.replace(/\s+/g, ' ').trim();
}

/** Signs in with what was handed over: a password, or the code of the first time. */
export async function signIn(page, { identifier, password }) {
  await page.goto('/');
  await fill(page, { Identifiant: identifier, 'Mot de passe': password });
  await press(page, 'Se connecter');
}

/** Leaves, as everybody should. */
export async function signOut(page) {
  await press(page, 'Se déconnecter');
}

/** Answers the page of the first sign-in. */
export async function choosePassword(page, password) {
  await fill(page, { 'Nouveau mot de passe': password, 'Le même, une seconde fois': password });
  await page.getByLabel('Je garde ce mot de passe pour moi seul').check();
  await press(page, 'Enregistrer le mot de passe');
}

/** Asks for a file by its number: that of a file, or of a person who holds it. */
export async function lookUp(page, number) {
  await page.getByLabel(/numéro (d’allocataire|de Sécurité sociale)/i).fill(number);
  await press(page, 'Ouvrir le dossier');
}

/** The words of this page of traces and of all that follow it. */
export async function allTraces(page) {
  let read = await words(page);
  while ((await page.getByRole('link', { name: 'Traces plus anciennes' }).count()) > 0) {
    await follow(page, 'Traces plus anciennes');
    read += ` ${await words(page)}`;
  }
  return read;
}

/** Moves from stop to stop with the tabulation key until the target has the focus, which each stop must show. */
export async function tabTo(page, target, most = 80) {
  for (let stop = 0; stop < most; stop += 1) {
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(hidesFocus), undefined, 'a stop does not show that it has the focus');
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`the tabulation key never reaches ${target} on ${page.url()}`);
}

// Runs in the page. After its last stop the focus is outside of it for a moment.
function hidesFocus() {
  const stop = document.activeElement;
  if (stop === null || stop === document.body) return undefined;
  const { outlineStyle, outlineWidth } = getComputedStyle(stop);
  return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2 ? undefined : stop.outerHTML.slice(0, 200);
}
