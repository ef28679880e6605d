import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PACKAGE_ROOT } from '../../paths.js';
import type { Rule } from './schema.js';

interface Prepared {
  /** Of the text that the rules were read from. */
  readonly digest: string;
  readonly rules: readonly Rule[];
}

/**
 * The rules of a pack that comes with trilog, as the build read them: YAML and its schema take half a second of each start. Null where this text was
 * not prepared; then it has to be read.
 */
export function preparedRules(file: string, text: string): readonly Rule[] | null {
  try {
    const { digest, rules } = JSON.parse(readFileSync(preparedFile(file), 'utf8')) as Prepared;
    return digest === digestOf(text) ? rules : null;
  } catch {
    return null;
  }
}

/** @param rules as they are read from the text */
export function prepareRules(file: string, text: string, rules: readonly Rule[]): void {
  writeFileSync(preparedFile(file), JSON.stringify({ digest: digestOf(text), rules } satisfies Prepared));
}

/** Beside the compiled code, so that it is trusted as that is. */
function preparedFile(file: string): string {
  return join(PACKAGE_ROOT, 'dist', 'src', 'stages', 'rules', `${basename(file, '.yaml')}.prepared.json`);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
