import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = 'instance-id';
const FORM = /^trilog-[0-9a-f-]{36}$/;

/** The name of this agent among the members of its group: made once, and kept in the component's folder. @throws where the folder cannot be written. */
export function instanceIdIn(folder: string): string {
  const path = join(folder, FILE);
  const kept = textOf(path);
  // A file that a crash left empty is as none: the member of that name is gone.
  if (FORM.test(kept)) return kept;
  const made = `trilog-${randomUUID()}`;
  writeFileSync(`${path}.new`, `${made}\n`, { flush: true });
  renameSync(`${path}.new`, path);
  return made;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
