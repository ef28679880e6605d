import { execFile } from 'node:child_process';
import { TrilogError } from '../../../src/errors.js';
import type { JournaldInputConfig } from './config.js';
import { entryOf } from './entry.js';
import { FIELDS } from './fields.js';
import { fullName, isPattern } from './unit-pattern.js';

const PROBE_MS = 60_000;
const PROBE_BYTES = 67_108_864;

/** What of the journal is read; `directory` is absolute. */
export type Selection = Pick<JournaldInputConfig, 'units' | 'identifiers' | 'priority' | 'directory'>;

/**
 * Arguments that say which journal. `--follow` of systemd 252 reads the current boot only, even with `--boot=all`, unless it is to merge journals; then those
 * of other machines have to be left out.
 * @param machine the id of this machine; empty where it is not known
 */
export function placeArguments(directory: string | undefined, machine: string): string[] {
  if (directory !== undefined) return ['--merge', `--directory=${directory}`];
  return machine === '' ? ['--merge'] : ['--merge', `_MACHINE_ID=${machine}`];
}

/**
 * Arguments that follow the journal.
 *
 * Not `--after-cursor`: where the entry of the cursor is not there any more it leaves out the next one too. So what comes first is the entry of the cursor
 * itself, if it is there. Not `--unit` for patterns: journalctl looks only once which units they fit, and units that begin later would be missing.
 * @param cursor where to go on; null to begin with the oldest entry
 * @param machine the id of the machine; empty where it is not known
 */
export function followArguments(selection: Selection, cursor: string | null, machine: string): string[] {
  const { units, identifiers, priority, directory } = selection;
  return [
    '--output=json',
    // Without it what is longer than 4,096 bytes is left out.
    '--all',
    `--output-fields=${FIELDS.join(',')}`,
    '--follow',
    '--no-tail',
    '--no-pager',
    '--quiet',
    ...placeArguments(directory, machine),
    ...(cursor === null ? [] : [`--cursor=${cursor}`]),
    ...(units.some(isPattern) ? [] : units.map((unit) => `--unit=${fullName(unit)}`)),
    ...identifiers.map((identifier) => `--identifier=${identifier}`),
    ...(priority === undefined ? [] : [`--priority=${priority}`]),
  ];
}

/** The environment of journalctl: nothing of the agent's secrets, nor of what its service manager told it. */
export function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', SYSTEMD_COLORS: '0' };
}

/**
 * The journal's newest entry, whatever it is, by its cursor; null where it has none. `hint` is what journalctl had to say, such as that it may not see all.
 * @throws TrilogError JOURNAL_UNUSABLE
 */
export async function newestEntry(
  journalctl: string,
  directory: string | undefined,
  machine: string,
): Promise<{ cursor: string | null; hint: string }> {
  const args = ['--output=json', '--output-fields=PRIORITY', '--lines=1', '--no-pager', ...placeArguments(directory, machine)];
  return await new Promise((resolve, reject) => {
    execFile(
      journalctl,
      args,
      { env: environment(), timeout: PROBE_MS, maxBuffer: PROBE_BYTES, encoding: 'utf8', killSignal: 'SIGKILL' },
      (cause, stdout, stderr) => {
        if (cause !== null)
          reject(new TrilogError('JOURNAL_UNUSABLE', `${journalctl}: ${stderr.trim() || cause.message}`.slice(0, 1000), { cause }));
        else resolve({ cursor: entryOf(stdout)?.cursor ?? null, hint: stderr.trim().slice(0, 1000) });
      },
    );
  });
}
