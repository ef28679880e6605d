import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import { valueAt } from './value-at.js';

/** What is wrong with a file that a configuration names, and the key that names it. */
export interface FileFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Files of each glob in the order of the globs, by name within one; a plain path stays, be it there or not. */
export function ruleFiles(globs: readonly string[], folder: string): string[] {
  return globs.flatMap((glob) => (isGlob(glob) ? globSync(glob, { cwd: folder, absolute: true }).sort() : [resolve(folder, glob)]));
}

/** Rule, label, prompt and certificate files that cannot be read, of a configuration that may have other errors. A glob may select nothing. */
export function unreadableFiles(config: unknown, folder: string): FileFault[] {
  const classify = valueAt(config, 'classify');
  const files = valueAt(valueAt(classify, 'rules'), 'files');
  const globs: unknown[] = Array.isArray(files) ? files : [];
  const named = [
    { path: ['classify', 'taxonomy'], file: valueAt(classify, 'taxonomy') },
    ...['prompt', 'ca_file'].map((key) => ({ path: ['classify', 'llm', key], file: valueAt(valueAt(classify, 'llm'), key) })),
    ...globs.map((glob, i) => ({ path: ['classify', 'rules', 'files', i], file: typeof glob === 'string' && isGlob(glob) ? null : glob })),
  ];
  return named.flatMap(({ path, file }) => {
    if (typeof file !== 'string' || file === '') return [];
    const message = fault(resolve(folder, file));
    return message === null ? [] : [{ path, message }];
  });
}

function fault(file: string): string | null {
  try {
    accessSync(file, constants.R_OK);
    return statSync(file).isDirectory() ? `${file} is a folder` : null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isGlob(path: string): boolean {
  return /[*?[\]{}]/.test(path);
}
