import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { MAIN } from '../../commands/trilog.js';
import { folderOf } from '../search/trilog-process.js';
import { type DaemonKind, dropIn, SyslogDaemon } from './daemon.js';
import { message } from './messages.js';
import { sendFrames } from './sender.js';
import { isAsTold, recordsStored, until } from './stored.js';

const messages = (from: number, to: number): string[] => Array.from({ length: to - from }, (_message, i) => message(from + i));
const CHILD = '/usr/bin/setpriv --reuid=trilog --regid=trilog --init-groups /usr/bin/trilog run -c /etc/trilog/syslog-child.yaml';

/**
 * A daemon starts trilog by its drop-in and examples/syslog-child.yaml, and writes to it. The child is killed while nothing is under way, and the
 * daemon ended and started: everything that was written to a child is in the output.
 * @param further what else is replaced in the drop-in, given the folder of the test
 */
export async function feedsItsChild(
  t: ExecutionContext,
  kind: DaemonKind,
  further: (folder: string) => Readonly<Record<string, string>>,
): Promise<void> {
  const folder = folderOf(t);
  const stored = join(folder, 'out', 'records.ndjson');
  const config = join(PACKAGE_ROOT, 'examples', 'syslog-child.yaml');
  const command = `/usr/bin/env TRILOG_DATA=${folder}/data OUT_DIR=${folder}/out ${process.execPath} ${MAIN} run -c ${config}`;
  const daemon = await SyslogDaemon.start(t, kind, folder, dropIn(kind, kind.child, { [CHILD]: command, ...further(folder) }));
  const { tcp } = daemon.place;
  const has = (count: number): boolean => recordsStored(stored).size === count;

  await sendFrames(tcp, messages(0, 3000));
  await until(() => has(3000));
  const [child = 0] = daemon.children;
  t.true(child > 0);
  process.kill(child, 'SIGKILL');
  await until(() => hasEnded(child));
  await sendFrames(tcp, messages(3000, 4000));
  await until(() => has(4000));
  await daemon.end('SIGTERM');
  await daemon.start();
  await sendFrames(tcp, messages(4000, 5000));
  await until(() => has(5000));
  isAsTold(t, recordsStored(stored));
}

/**
 * Whether nothing of a process is left but its exit status. Its pipe stays open, and takes what nobody reads, until the last of its threads has
 * ended.
 */
function hasEnded(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) && readdirSync(`/proc/${pid}/task`).length === 1;
  } catch {
    return true;
  }
}
