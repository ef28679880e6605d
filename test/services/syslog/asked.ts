import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { folderOf } from '../search/trilog-process.js';
import { type DaemonKind, dropIn } from './daemon.js';

/** The daemon itself finds nothing to say against a drop-in. */
export async function takesDropIn(t: ExecutionContext, kind: DaemonKind, file: string): Promise<void> {
  const folder = folderOf(t);
  const path = join(folder, file);
  writeFileSync(path, dropIn(kind, file, {}));
  const main = join(folder, 'main.conf');
  writeFileSync(main, kind.main({ folder, tcp: 15_000, udp: 15_000, dropIn: path }));
  const { program, args, env } = await kind.asked(main, folder);
  const asked = execFile(program, args, { env: { ...process.env, ...env } });
  let said = '';
  for (const stream of [asked.stdout, asked.stderr])
    stream?.on('data', (more: string) => {
      said += more;
    });
  const [status] = (await once(asked, 'close')) as [number | null];
  t.is(status, 0, said);
  t.notRegex(said, /error|warning: (?!with use-dns)/i);
}
