import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

/** What one start of journalctl does: writes these lines, then stays, or ends with this status. */
export interface Run {
  readonly lines: readonly string[];
  /** Written behind them, without a newline. */
  readonly half?: string;
  readonly ending: 'stay' | number;
}

const SCRIPT = `#!/bin/sh
cd "$(dirname "$0")"
case "$*" in *--lines=1*) cat newest; exit "$(cat probe)";; esac
n=$(cat count)
echo $((n + 1)) > count
printf '%s\\n' "$*" >> arguments
cat "run.$n" 2> /dev/null || exec tail -f /dev/null
test -s "ending.$n" || exec tail -f /dev/null
echo "it ended" >&2
exit "$(cat "ending.$n")"
`;

/** A program in place of journalctl, which does at each start what it is told; after the last run it stays and writes nothing. */
export class ScriptedJournalctl {
  readonly #folder = mkdtempSync(join(tmpdir(), 'trilog-journalctl-'));

  constructor(t: ExecutionContext, runs: readonly Run[], newest = '', probeStatus = 0) {
    t.teardown(() => rmSync(this.#folder, { recursive: true, force: true }));
    writeFileSync(this.path, SCRIPT);
    chmodSync(this.path, 0o755);
    this.#write('newest', newest);
    this.#write('probe', String(probeStatus));
    this.#write('count', '0');
    for (const [n, { lines, half = '', ending }] of runs.entries()) {
      this.#write(`run.${n}`, lines.map((line) => `${line}\n`).join('') + half);
      this.#write(`ending.${n}`, ending === 'stay' ? '' : String(ending));
    }
  }

  get path(): string {
    return join(this.#folder, 'journalctl');
  }

  /** With what it was started, each time. */
  get started(): string[] {
    const file = join(this.#folder, 'arguments');
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  }

  #write(name: string, content: string): void {
    writeFileSync(join(this.#folder, name), content);
  }
}
