import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TAXONOMY_FILE } from '../stages/taxonomy.js';
import type { AgentConfig } from './load.js';

/** What the files that make up the classification hold: a checksum by path; empty for what cannot be read. */
export type Contents = ReadonlyMap<string, string>;

/** Of rules, labels, prompt, authorities and the model's folder. */
export async function contentsOf({ taxonomyFile, ruleFiles, bert, llm }: AgentConfig): Promise<Contents> {
  const files = [
    taxonomyFile ?? TAXONOMY_FILE,
    ...ruleFiles,
    ...(bert === null ? [] : await filesOf(bert.path)),
    ...(llm === null ? [] : [llm.promptFile, ...(llm.caFile === null ? [] : [llm.caFile])]),
  ];
  const contents = new Map<string, string>();
  for (const file of new Set(files)) contents.set(file, await checksumOf(file));
  return contents;
}

/** Paths that are in both and hold something else. */
export function changedContents(before: Contents, after: Contents): string[] {
  return [...after].filter(([path, checksum]) => before.has(path) && before.get(path) !== checksum).map(([path]) => path);
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name));
}

async function checksumOf(file: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  } catch {
    return '';
  }
}
