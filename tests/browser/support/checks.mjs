// What every page owes to everybody: WCAG rules at two widths and in both themes, correct markup,
// no sideways scroll at 320 px, one title, and a browser with nothing to object to.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { HtmlValidate } from 'html-validate';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const WIDTHS = [1280, 360];
const THEMES = ['light', 'dark'];

const validator = new HtmlValidate({
  extends: ['html-validate:recommended'],
  rules: {
    // A list is sent as one name repeated, a line each: that is how a form has lists without script.
    'form-dup-name': 'off',
    // Matters of taste, or of the template engine: white space, void elements, long titles.
    'attr-quotes': 'off',
    'attribute-boolean-style': 'off',
    'attribute-empty-style': 'off',
    'doctype-style': 'off',
    'long-title': 'off',
    'no-trailing-whitespace': 'off',
    'void-style': 'off',
    // Safari drops the list role of a list without bullets, whatever the specification implies.
    'no-redundant-role': 'off',
  },
});

/**
 * Holds the page that is shown to everything that a page owes. `name` says which page it was.
 * With PICTURES set to a folder, it is also pictured there, for the eye that no rule replaces.
 */
export async function examine(page, name) {
  if (process.env.PICTURES) await picture(page, name);
  const faults = [
    ...(await markupFaults(page)),
    ...(await titleFaults(page)),
    ...(await accessibilityFaults(page)),
    ...(await sidewaysFaults(page)),
    ...page.complaints.splice(0).map((complaint) => `browser: ${complaint}`),
  ];
  assert.equal(faults.length, 0, `${name} (${page.url()})\n  ${faults.join('\n  ')}`);
}

let pictures = 0;

async function picture(page, name) {
  const folder = path.resolve(process.env.PICTURES);
  mkdirSync(folder, { recursive: true });
  pictures += 1;
  const before = page.viewportSize();
  for (const width of WIDTHS) {
    for (const theme of THEMES) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: theme });
      const file = `${String(pictures).padStart(2, '0')} ${name} ${width} ${theme}.png`;
      await page.screenshot({ path: path.join(folder, file), fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(before);
}

/** The faults of the markup, as the server wrote it: a browser repairs before it shows. */
export async function markupFaults(page) {
  const report = await validator.validateString(await page.source);
  return report.results
    .flatMap((result) => result.messages)
    .map(({ line, column, message, ruleId }) => `markup, line ${line}:${column}: ${message} (${ruleId})`);
}

/** One heading of the first level, and a title that says where one is, then in which product. */
export async function titleFaults(page) {
  const headings = await page.locator('h1').count();
  const title = (await page.title()).replace(/\s+/g, ' ');
  return [
    ...(headings === 1 ? [] : [`title: ${headings} h1 instead of one`]),
    ...(/\S – Compte Partenaire$/.test(title) ? [] : [`title: «${title}» does not end with the product's name`]),
  ];
}

/** What axe-core finds, at each width and in each theme, a fault named once with all its places. */
export async function accessibilityFaults(page) {
  const before = page.viewportSize();
  const places = new Map();
  for (const width of WIDTHS) {
    for (const theme of THEMES) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: theme });
      for (const { id, help, node, summary } of await axe(page)) {
        const fault = `axe ${id}: ${help}\n    ${node}\n    ${summary}`;
        places.set(fault, [...(places.get(fault) ?? []), `${width} px ${theme}`]);
      }
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(before);
  return [...places].map(([fault, where]) => `${fault}\n    at ${where.join(', ')}`);
}

async function axe(page) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource);
  return page.evaluate(async (tags) => {
    const { violations } = await globalThis.axe.run(document, {
      runOnly: tags,
      resultTypes: ['violations'],
    });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => ({
        id,
        help,
        node: html.slice(0, 200),
        summary: failureSummary.replace(/\s+/g, ' '),
      })),
    );
  }, RULES);
}

/** What sticks out at 320 px, as written and with the text spacing that WCAG 1.4.12 lets people set. */
export async function sidewaysFaults(page) {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  const faults = [];
  for (const spaced of [false, true]) {
    const sticking = await page.evaluate(whatSticksOut, spaced);
    faults.push(...sticking.map((element) => `320 px${spaced ? ', spaced text' : ''}: sticks out: ${element}`));
  }
  await page.setViewportSize(before);
  return faults;
}

// Runs in the page.
function whatSticksOut(spaced) {
  const spacing = new CSSStyleSheet();
  spacing.replaceSync(`* {
    line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important;
  } p { margin-block-end: 2em !important; }`);
  // A constructed sheet: a style element would be refused, as it should be, by the page's policy.
  if (spaced) document.adoptedStyleSheets.push(spacing);
  try {
    const width = document.documentElement.clientWidth;
    if (document.scrollingElement.scrollWidth <= width) return [];
    const scrolls = (element) =>
      element !== null && (getComputedStyle(element).overflowX !== 'visible' || scrolls(element.parentElement));
    const wide = [...document.body.querySelectorAll('*')].filter(
      (element) => element.getBoundingClientRect().right > width + 0.5 && !scrolls(element.parentElement),
    );
    const culprits = wide.filter((element) => !wide.some((other) => other !== element && element.contains(other)));
    const names = culprits.map((element) => element.outerHTML.replace(/\s+/g, ' ').slice(0, 160));
    return names.length > 0 ? names : [`the page is ${document.scrollingElement.scrollWidth} px wide`];
  } finally {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== spacing);
  }
}
