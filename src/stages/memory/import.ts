import { TrilogError } from '../../errors.js';
import { harmless } from '../../record/profiles/pretty.js';
import { type Entry, readEntry, templateId } from './entry.js';
import type { MemoryStore } from './store.js';

/** Entries that are stored together. */
const TOGETHER = 1000;

/**
 * The entries of a file of lines of JSON, as `trilog memory export` writes it.
 * @param name of the file, for messages. @throws TrilogError `MEMORY_INVALID` with every problem, each in a line, with its line.
 */
export function readEntries(text: string, name: string): Entry[] {
  const entries: Entry[] = [];
  const problems: string[] = [];
  // Editors put a mark of the byte order before the first line, and empty lines behind the last.
  const lines = text.replace(/^\ufeff/, '').split('\n');
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const found = readEntry(line);
    if (typeof found === 'string') problems.push(harmless(`${name}:${i + 1}: ${found}`));
    else entries.push(found);
  }
  if (problems.length > 0) throw new TrilogError('MEMORY_INVALID', problems.join('\n'));
  return entries;
}

/** Stores entries, over those that are there already, and tells other processes. Returns how many old ones had to make room. */
export async function storeEntries(store: MemoryStore, entries: readonly Entry[]): Promise<number> {
  let gone = 0;
  for (let i = 0; i < entries.length; i += TOGETHER) {
    await store.put(entries.slice(i, i + TOGETHER).map((entry) => [templateId(entry), entry] as const));
    gone += await store.evict();
  }
  await store.changed();
  return gone;
}
