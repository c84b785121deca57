// The support itself, and its controls: each check must find the fault that it is there to find.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createServer } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { openBrowser, sitDown } from './support/browser.mjs';
import { accessibilityFaults, examine, markupFaults, sidewaysFaults, titleFaults } from './support/checks.mjs';
import { readGreeting, startDemo } from './support/demo.mjs';
import { Mailbox, parseMail } from './support/mail.mjs';

const css = `
  :root { color-scheme: light dark; color: light-dark(#111, #eee); background: light-dark(#fff, #111); }
  .faint-when-dark { color: light-dark(#111, #333); }
  .wide { width: 400px; }
  .scroller { overflow-x: auto; }
`;
const sound = '<label for="n">Numéro</label> <input id="n" type="text" name="n" autocomplete="off">';
const pages = {
  '/': sound,
  '/sans-etiquette': '<input type="text" name="n" autocomplete="off">',
  '/pale-la-nuit': '<p class="faint-when-dark">Non connu</p>',
  '/trop-large': '<p class="wide">Trop large</p>',
  '/defilement-propre': '<div class="scroller" tabindex="0"><p class="wide">Un tableau</p></div>',
  '/mal-forme': '<p>Un <div>bloc</div></p>',
  '/style-en-ligne': '<p style="color: red">Refusé</p>',
  '/deux-titres': '<h1>Encore un titre</h1>',
};

let server, browser, page;

before(async () => {
  server = createServer((request, response) => {
    const content = pages[request.url];
    response.setHeader('content-security-policy', "default-src 'none'; style-src 'self'; img-src 'self'");
    if (request.url === '/style.css') {
      response.setHeader('content-type', 'text/css').end(css);
    } else if (request.url === '/icon.svg') {
      response.setHeader('content-type', 'image/svg+xml').end('<svg xmlns="http://www.w3.org/2000/svg"/>');
    } else {
      response.statusCode = content === undefined ? 404 : 200;
      response.setHeader('content-type', 'text/html; charset=utf-8').end(`<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Essai – Compte Partenaire</title><link rel="stylesheet" href="/style.css"><link rel="icon" href="/icon.svg"></head>
<body><main><h1>Essai</h1>${content ?? '<p>Cette page n’existe pas.</p>'}</main></body></html>`);
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await openBrowser();
  page = await sitDown(browser, `http://127.0.0.1:${server.address().port}`);
});

after(async () => {
  await browser?.close();
  server?.close();
});

test('a sound page passes, and so does a refusal', async () => {
  await page.goto('/');
  await examine(page, 'a sound page');
  await page.goto('/inconnue');
  await examine(page, 'a page that is not found');
});

test('a field without a label is found', async () => {
  await page.goto('/sans-etiquette');
  assert.match((await accessibilityFaults(page)).join('\n'), /axe label:.*1280 px light, 1280 px dark, 360 px light, 360 px dark/s);
});

test('a contrast that is too low in one theme only is found', async () => {
  await page.goto('/pale-la-nuit');
  const faults = await accessibilityFaults(page);
  assert.match(faults.join('\n'), /axe color-contrast:.*at 1280 px dark, 360 px dark$/s);
  assert.deepEqual(page.viewportSize(), { width: 1280, height: 900 });
});

test('what sticks out at 320 px is named, and what scrolls by itself is not', async () => {
  await page.goto('/trop-large');
  assert.match((await sidewaysFaults(page)).join('\n'), /320 px: sticks out: <p class="wide">/);
  await page.goto('/defilement-propre');
  assert.deepEqual(await sidewaysFaults(page), []);
});

test('markup is judged as it was written, before the browser repairs it', async () => {
  await page.goto('/mal-forme');
  assert.notDeepEqual(await markupFaults(page), []);
});

test('a second title is found', async () => {
  await page.goto('/deux-titres');
  assert.deepEqual(await titleFaults(page), ['title: 2 h1 instead of one']);
});

test('what the policy of the page refuses is a complaint of the browser', async () => {
  await page.goto('/style-en-ligne');
  await assert.rejects(examine(page, 'an inline style'), /browser: console: .*Content Security Policy/s);
});

test('the greeting is read once it is complete', () => {
  const greeting = `
Compte Partenaire, démonstration : http://127.0.0.1:40123/

  Administration de l’organisme   a.verlin    corde-lune-42
  Agent                           m.orsenval  x
`;
  assert.equal(readGreeting(greeting), undefined);
  const whole = `${greeting}\nUn numéro d’allocataire de la commune : 0004619\nUn NIR (Département) : 184\nCtrl+C pour arrêter.\n`;
  assert.equal(readGreeting(whole.slice(0, -1)), undefined, 'a line that is not ended may be cut short');
  const { address, people, fileNumber, nir } = readGreeting(whole);
  assert.equal(fileNumber, '0004619');
  assert.equal(nir, '184');
  assert.equal(address, 'http://127.0.0.1:40123');
  assert.deepEqual(people.get('Agent'), { identifier: 'm.orsenval', password: 'x' });
  assert.equal(people.size, 2);
});

test('a demonstration is started and stopped, and one that cannot start says why', async () => {
  const program = (script) => startDemo([process.execPath, '--eval', script, '--']);
  const demo = await program(`
    process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000);
    console.log('http://127.0.0.1:1/\\n  Agent  moi  secret\\n\\nUn numéro d’allocataire : 1\\nCtrl+C');`);
  assert.equal(demo.address, 'http://127.0.0.1:1');
  await demo.stop();
  await assert.rejects(program('console.error("port déjà pris"); process.exit(1)'), /did not start.*port déjà pris/s);
  await assert.rejects(startDemo(['/nowhere/compte-partenaire']), /did not start.*ENOENT/s);
});

test('mail is read as its reader sees it, and once', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'compte-partenaire-mail-'));
  try {
    await writeFile(
      path.join(folder, 'b.eml'),
      [
        'From: Compte Partenaire <ne-pas-repondre@caf.example>',
        'To: Maud Orsenval <maud@mairie.example>',
        'Subject: =?utf-8?b?Vm90cmUgcHJlbWnDqHJl?= =?utf-8?q?_connexion?=',
        'Content-Type: text/plain; charset=utf-8',
        'Content-Transfer-Encoding: quoted-printable',
        '',
        'Votre code =C3=A0 usage uni=',
        'que : 4F7K',
        '',
      ].join('\r\n'),
    );
    const box = new Mailbox(folder);
    const mail = await box.next('maud@mairie.example');
    assert.equal(mail.subject, 'Votre première connexion');
    assert.match(mail.text, /^Votre code à usage unique : 4F7K/);
    await assert.rejects(box.next('maud@mairie.example', 50), /no mail to maud@mairie.example/);
  } finally {
    await rm(folder, { recursive: true });
  }
  const both = parseMail(
    Buffer.from(
      'Content-Type: multipart/alternative; boundary="x"\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n' +
        'Content-Transfer-Encoding: base64\r\n\r\nw6l0w6k=\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>\r\n--x--\r\n',
    ),
  );
  assert.equal(both.text, 'été');
});
