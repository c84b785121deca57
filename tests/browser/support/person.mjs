// What a person does in front of a page, by the words that she reads there.

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
  await Promise.all([page.waitForEvent('load'), act()]);
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

/** Moves from stop to stop with the tabulation key until the focus is on what has this role and this name. */
export async function tabTo(page, role, name, most = 80) {
  const target = page.getByRole(role, { name });
  for (let stop = 0; stop < most; stop += 1) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`the tabulation key never reaches ${role} «${name}» on ${page.url()}`);
}

/** Whether what has the focus shows that it has it. */
export function showsFocus(page) {
  return page.evaluate(() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
  });
}
