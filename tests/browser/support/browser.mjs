// The real browser: Debian's Chromium, driven by playwright-core, one person a context.
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';

/** The first Chromium of the PATH: the distribution's, never a downloaded one. */
function chromiumPath() {
  for (const folder of process.env.PATH.split(path.delimiter)) {
    const candidate = path.join(folder, 'chromium');
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not in this folder.
    }
  }
  throw new Error('chromium is not installed (apt-get install chromium)');
}

/** Starts Chromium. It keeps its sandbox, except as root, for whom it refuses to start with one. */
export function openBrowser() {
  return chromium.launch({ executablePath: chromiumPath(), chromiumSandbox: process.getuid() !== 0 });
}

/**
 * A person at her own screen: a fresh profile, in French, with nothing kept from anybody else.
 * `page.complaints` gathers what the browser objects to (script errors, refused scripts or styles,
 * answers that failed); `page.source` is the last document as the server wrote it.
 */
export async function sitDown(browser, address, { javaScriptEnabled = true } = {}) {
  const context = await browser.newContext({
    baseURL: address,
    javaScriptEnabled,
    locale: 'fr-FR',
    timezoneId: 'Europe/Paris',
    reducedMotion: 'reduce',
    viewport: { width: 1280, height: 900 },
  });
  // A page that never comes is a failure, not a long wait.
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  page.complaints = [];
  page.source = undefined;
  page.on('pageerror', (error) => page.complaints.push(`script: ${error.message}`));
  page.on('console', (message) => {
    // A refused form answers 4xx on purpose, and Chromium logs it as a failed load of the page.
    if (message.type() === 'error' && !isOfThePage(message, page)) page.complaints.push(`console: ${message.text()}`);
  });
  page.on('response', (response) => {
    const status = response.status();
    const request = response.request();
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) {
      if (status < 300 || status >= 400) page.source = response.text();
      // Read later, perhaps after the page has gone: that is no unhandled failure.
      page.source?.catch(() => {});
    } else if (status >= 400) {
      page.complaints.push(`${status} for ${response.url()}`);
    }
    if (status >= 500) page.complaints.push(`${status} for ${response.url()}`);
  });
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    if (reason !== 'net::ERR_ABORTED') page.complaints.push(`${reason} for ${request.url()}`);
  });
  return page;
}

function isOfThePage(message, page) {
  return message.text().startsWith('Failed to load resource') && message.location().url === page.url();
}
