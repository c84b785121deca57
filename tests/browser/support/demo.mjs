// The program itself, in demonstration, with a folder of its own.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const binary = path.resolve(repository, process.env.CARGO_TARGET_DIR ?? 'target', 'debug', 'compte-partenaire');

/**
 * Starts `compte-partenaire demo` on a port that the system draws, and waits until it has said where
 * it answers and who may sign in. `stop()` asks it to end as an operator would, and reports how it did.
 */
export async function startDemo(command = [binary]) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'compte-partenaire-demo-'));
  const [program, ...first] = command;
  const child = spawn(program, [...first, 'demo', '--folder', folder, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? code));
    child.once('error', (error) => resolve(error.message));
  });
  const output = { said: '', log: '' };
  child.stderr.setEncoding('utf8').on('data', (text) => (output.log += text));

  const stop = async () => {
    child.kill('SIGTERM');
    const patience = setTimeout(() => child.kill('SIGKILL'), 15_000);
    const status = await ended;
    clearTimeout(patience);
    await rm(folder, { recursive: true, force: true });
    if (status !== 0) throw new Error(`the demonstration did not stop gracefully (${status})\n${output.log}`);
  };

  try {
    const greeting = await new Promise((resolve, reject) => {
      const patience = setTimeout(() => reject(new Error('no address within 60 s')), 60_000);
      child.stdout.setEncoding('utf8').on('data', (text) => {
        output.said += text;
        const read = readGreeting(output.said);
        if (read !== undefined) {
          clearTimeout(patience);
          resolve(read);
        }
      });
      ended.then((status) => {
        clearTimeout(patience);
        reject(new Error(`it ended at once (${status})`));
      });
    });
    /** Asks the demonstration's database, or writes there what no page can: the lines of the answer. */
    const sql = (statement) =>
      execFileSync('sqlite3', ['-cmd', '.timeout 5000', path.join(folder, 'demo.db'), statement], { encoding: 'utf8' })
        .split('\n')
        .filter(Boolean);
    return { ...greeting, folder, mail: path.join(folder, 'mail'), log: () => output.log, sql, stop };
  } catch (error) {
    await stop().catch(() => {});
    throw new Error(`the demonstration did not start: ${error.message}\n${output.said}${output.log}`);
  }
}

/**
 * Reads what the demonstration prints: a line that holds the address, then one line a person with office,
 * identifier and password parted by two spaces or more, and for each partner the number of a file that its agent may
 * open: of the commune first.
 * `undefined` while it is not complete.
 */
export function readGreeting(text) {
  // The last line may still be on its way.
  const lines = text.split('\n').slice(0, -1);
  const address = lines.join('\n').match(/http:\/\/127\.0\.0\.1:\d+/)?.[0];
  const numbers = [...lines.join('\n').matchAll(/^Un (numéro d’allocataire|NIR)(?: .*)? : (\S+)$/gmu)];
  const fileNumber = numbers[0]?.[2];
  const nir = numbers.find(([, what]) => what === 'NIR')?.[2];
  const people = new Map();
  for (const line of lines) {
    const person = line.match(/^\s*(\S.*?)\s{2,}(\S+)\s{2,}(\S+)\s*$/);
    if (person) people.set(person[1], { identifier: person[2], password: person[3] });
  }
  const complete = lines.some((line) => line.startsWith('Ctrl+C'));
  return complete && address && fileNumber ? { address, people, fileNumber, nir } : undefined;
}
