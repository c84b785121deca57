// Mail as its reader sees it, from the folder where the demonstration leaves `.eml` files.
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A folder of mail in which nothing is read twice. */
export class Mailbox {
  #folder;
  #read = new Set();

  constructor(folder) {
    this.#folder = folder;
  }

  /** The next unread mail to this address; waits for it, because mail leaves after the answer. */
  async next(address, patience = 15_000) {
    const end = Date.now() + patience;
    do {
      for (const name of await this.#unread()) {
        const mail = parseMail(await readFile(path.join(this.#folder, name)));
        if (mail.to.includes(address)) {
          this.#read.add(name);
          return mail;
        }
      }
      await pause(100);
    } while (Date.now() < end);
    throw new Error(`no mail to ${address} within ${patience} ms`);
  }

  async #unread() {
    const names = await readdir(this.#folder).catch((error) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const unread = names.filter((name) => name.endsWith('.eml') && !this.#read.has(name));
    // Their names are drawn at random: the oldest first.
    const times = await Promise.all(unread.map(async (name) => (await stat(path.join(this.#folder, name))).mtimeMs));
    return unread.map((name, i) => ({ name, time: times[i] })).sort((a, b) => a.time - b.time).map(({ name }) => name);
  }
}

/** `{ from, to, subject, text }`: the headers decoded, and the plain text of the body. */
export function parseMail(bytes) {
  const { headers, text } = parsePart(bytes.toString('latin1'));
  return {
    from: decodeWords(headers.get('from') ?? ''),
    to: decodeWords(headers.get('to') ?? ''),
    subject: decodeWords(headers.get('subject') ?? ''),
    text,
  };
}

// Bytes travel as latin1 characters until their charset is known: it is always UTF-8.
function parsePart(raw) {
  const [, head, body] = raw.match(/^([\s\S]*?)\r?\n\r?\n([\s\S]*)$/) ?? [undefined, raw, ''];
  const headers = new Map(
    head
      .replace(/\r?\n[ \t]+/g, ' ')
      .split(/\r?\n/)
      .map((line) => line.match(/^([^:]+):\s*(.*)$/))
      .filter(Boolean)
      .map(([, name, value]) => [name.toLowerCase(), value]),
  );
  const type = headers.get('content-type') ?? 'text/plain';
  const boundary = type.match(/^multipart\/.*boundary="?([^";]+)"?/i)?.[1];
  if (boundary) {
    const parts = body.split(`--${boundary}`).slice(1, -1).map((part) => parsePart(part.replace(/^\r?\n/, '')));
    return { headers, text: parts.find((part) => part.text !== undefined)?.text };
  }
  if (!/^text\/plain/i.test(type)) return { headers };
  return { headers, text: utf8(decodeBody(body, headers.get('content-transfer-encoding') ?? '7bit')) };
}

function decodeBody(body, encoding) {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64').toString('latin1');
    case 'quoted-printable':
      return unquote(body.replace(/=\r?\n/g, ''));
    default:
      return body;
  }
}

// =?utf-8?b?…?= and =?utf-8?q?…?=; the space between two encoded words is not part of the text.
function decodeWords(value) {
  return value
    .replace(/(\?=)\s+(=\?)/g, '$1$2')
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, how, word) =>
      utf8(how.toLowerCase() === 'b' ? Buffer.from(word, 'base64').toString('latin1') : unquote(word.replaceAll('_', ' '))),
    );
}

function unquote(text) {
  return text.replace(/=([0-9A-F]{2})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
}

function utf8(latin1) {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
