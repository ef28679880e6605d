import { once } from 'node:events';
import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { writeOsloFile } from './generate.js';

/** One line in so many is of a template that nobody knows. */
export const UNKNOWN_EVERY = 1000;
export const UNKNOWN_TEMPLATES = 100;
const WORDS = ['wobble', 'quaver', 'tumble', 'shimmer', 'flicker', 'jumble', 'ripple', 'stagger', 'dwindle', 'murmur'];

/** Lines of many services, and among them some that no stage before the language model is sure of. */
export async function writeWithUnknown(path: string, lines: number): Promise<void> {
  const plain = `${path}.plain`;
  await writeOsloFile(plain, lines);
  const out = createWriteStream(path);
  let n = 0;
  for await (const line of createInterface({ input: createReadStream(plain) })) {
    const written = n % UNKNOWN_EVERY === 0 ? unknownLine(n) : line;
    n++;
    if (!out.write(`${written}\n`)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
  rmSync(plain);
}

function unknownLine(n: number): string {
  const i = Math.floor(n / UNKNOWN_EVERY) % UNKNOWN_TEMPLATES;
  return `2026-03-02 10:11:12.123 7 WARNING site.agent [-] The ${WORDS[i % 10]} of a ${WORDS[Math.floor(i / 10)]} was ${n} of late`;
}
