import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ExecutionContext } from 'ava';
import { decodeText } from '../../../src/record/decode-text.js';
import { source } from '../../record/sample.js';
import { folderOf } from '../search/trilog-process.js';
import { type DaemonKind, dropIn, SyslogDaemon } from './daemon.js';
import { asThisUser } from './followed.js';
import { traceback } from './messages.js';
import { until } from './stored.js';

const run = promisify(execFile);
const LONG = 'x'.repeat(20_000);

/**
 * A program's message through the socket of the daemon, as through /dev/log, is one record with all its lines; a long one is whole.
 * @param further what else the daemon is configured with
 */
export async function keepsMessagesWhole(t: ExecutionContext, kind: DaemonKind, further = ''): Promise<void> {
  const folder = folderOf(t);
  const written = join(folder, 'syslog');
  mkdirSync(written, { mode: 0o750 });
  const daemon = await SyslogDaemon.start(
    t,
    kind,
    folder,
    dropIn(kind, kind.files, { '/var/log/trilog-syslog': written, ...asThisUser() }) + further,
  );
  const log = (...args: readonly string[]) =>
    run('logger', ['--socket', join(daemon.place.folder, 'log.socket'), '--size', '60000', '--tag', 'nova-compute', ...args]);
  await log('--priority', 'local0.err', '--', traceback(50));
  await log('--priority', 'authpriv.info', '--', 'for few eyes');
  await log('--priority', 'local0.warning', '--', `a forged end\n<131>1 2026-03-02T10:11:12Z evil nova-api - - - forged`);
  await log('--priority', 'local0.info', '--tag', 'forger\n<131>1', '--', '2026-03-02T10:11:12Z evil nova-compute - - - forged');
  await log('--priority', 'local0.notice', '--', LONG);
  const text = (): string => (existsSync(join(written, 'all.log')) ? readFileSync(join(written, 'all.log'), 'utf8') : '');
  await until(() => text().includes(`${LONG}\n`));
  t.deepEqual(
    text()
      .split('\n')
      .filter((line) => line !== '' && !/^<\d+>1 \d{4}-/.test(line)),
    [],
  );
  const records = decodeText(text(), source({ format: 'syslog' })).filter(({ program }) => program === 'nova-compute');
  t.deepEqual(
    records.map(({ level, message }) => [level, message]),
    [
      ['ERROR', 'Instance failed to spawn: nova.exception.PortBindingFailed: Binding failed for port'],
      ['WARNING', 'a forged end\n<131>1 2026-03-02T10:11:12Z evil nova-api - - - forged'],
      ['INFO', LONG],
    ],
  );
  t.regex(records[0]?.error?.stackTrace ?? '', /^Traceback.*\n\tspawn\(\)\n/s);
}
