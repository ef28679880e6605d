import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { MAIN } from '../../commands/trilog.js';
import { ask, everyDocument } from './every-document.js';
import type { SearchServer } from './search-server.js';

/** A record where it ended up. */
export interface Settled {
  /** The document, or the record of a dead letter, as JSON. */
  readonly document: string;
  /** Where it begins in its file. */
  readonly offset: number;
  /** Why it is a dead letter; null where it is indexed. */
  readonly reason: string | null;
}

/** Runs the real command to its end; its process is killed where it takes longer than the bound. @throws where it fails. */
export async function command(args: readonly string[], boundMs: number): Promise<{ out: string; err: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const late = setTimeout(() => child.kill('SIGKILL'), boundMs);
  const [[status, signal], out, err] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
  clearTimeout(late);
  if (status !== 0) throw new Error(`trilog ${args[0]} ended with ${status ?? signal}: ${err.slice(-4000)}`);
  return { out, err };
}

/** How many documents a query finds. */
export async function found(server: SearchServer, index: string, query: object): Promise<number> {
  const { count } = (await ask(server, 'POST', `/${index}/_count`, { query })) as { count: number };
  return count;
}

/** All documents of an index, a data stream or a pattern of them. */
export async function indexed(server: SearchServer, index: string): Promise<Settled[]> {
  await ask(server, 'POST', `/${index}/_refresh`);
  const settled: Settled[] = [];
  for await (const { id, source } of everyDocument(server, index, ['*']))
    settled.push({ document: JSON.stringify(source), offset: offsetOf(id), reason: null });
  return settled;
}

/** Ids are the source, the offset and a checksum. */
function offsetOf(id: string): number {
  return Number(id.split('-').at(-2));
}

/** All dead letters of a file; none where there is no file. */
export function deadLetters(file: string): Settled[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const { reason, record } = JSON.parse(line) as { reason: string; record: { log: { offset: number } } };
      return { document: JSON.stringify(record), offset: record.log.offset, reason };
    });
}
