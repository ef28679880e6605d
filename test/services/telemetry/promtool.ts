import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { debianPackage } from '../debian-packages.js';

/** What promtool said of something. */
export interface Checked {
  /** 0 where it has nothing to find fault with. */
  readonly status: number | null;
  readonly said: string;
}

/** Runs Prometheus' own tool, as Debian packages it, with this on its standard input. */
export async function promtool(args: readonly string[], input = ''): Promise<Checked> {
  const folder = await debianPackage('prometheus');
  const child = spawn(join(folder, 'usr', 'bin', 'promtool'), [...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(input);
  const [[status], out, err] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { status, said: out + err };
}
