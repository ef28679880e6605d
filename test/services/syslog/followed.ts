import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { folderOf } from '../search/trilog-process.js';
import { FollowingAgent } from './agent.js';
import { type DaemonKind, dropIn, SyslogDaemon } from './daemon.js';
import { rotate } from './logrotate.js';
import { message, oldMessage } from './messages.js';
import { sendDatagrams, sendFrames } from './sender.js';
import { isAsTold, numbersWritten, recordsStored, until } from './stored.js';

const messages = (from: number, to: number): string[] => Array.from({ length: to - from }, (_message, i) => message(from + i));

/**
 * A daemon writes files by its drop-in, an agent follows them by examples/syslog.yaml; the daemon is killed under load, then the agent, and the
 * files are rotated while the agent runs and while it does not. What is in the files then must be in the output, as it was sent.
 */
export async function survivesKillsAndRotation(t: ExecutionContext, kind: DaemonKind): Promise<void> {
  const folder = folderOf(t);
  const written = join(folder, 'syslog');
  const stored = join(folder, 'out', 'records.ndjson');
  mkdirSync(written, { mode: 0o750 });
  const text = dropIn(kind, kind.files, { '/var/log/trilog-syslog': written, ...asThisUser() });
  const daemon = await SyslogDaemon.start(t, kind, folder, text);
  const agent = new FollowingAgent(t, folder);
  agent.start();
  const arrived = (n: number): boolean => numbersWritten(written).has(n);

  const underLoad = sendFrames(daemon.place.tcp, messages(0, 4000));
  await until(() => numbersWritten(written).size > 300);
  await daemon.end('SIGKILL');
  await underLoad;
  await daemon.start();
  await sendFrames(daemon.place.tcp, messages(4000, 6000));
  await sendDatagrams(daemon.place.udp, [oldMessage(6001)]);
  await until(() => agent.isRunning && recordsStored(stored).size > 500);

  await until(() => arrived(5999) && arrived(6001));
  await rotate(daemon);
  await sendFrames(daemon.place.tcp, messages(6002, 8000));
  await until(() => arrived(7999));
  await agent.end('SIGKILL');
  await rotate(daemon);
  await sendFrames(daemon.place.tcp, messages(8000, 10_000));
  await until(() => arrived(9999));
  agent.start();
  await sendFrames(daemon.place.tcp, messages(10_000, 11_000));
  await until(() => arrived(10_999));

  const accepted = numbersWritten(written);
  const isMissing = (records: ReadonlyMap<number, unknown>) => [...accepted].filter((n) => !records.has(n));
  await until(() => agent.isRunning && isMissing(recordsStored(stored)).length === 0);
  t.is(await agent.end('SIGTERM'), 0);
  const records = recordsStored(stored);
  t.true(accepted.size > 7000, `of 11,000 messages ${accepted.size} are in the files`);
  t.deepEqual(isMissing(records), []);
  isAsTold(t, records);
}

/** The examples' files belong to a group that only root may give them to. */
export function asThisUser(): Readonly<Record<string, string>> {
  return process.getuid?.() === 0 ? {} : { '"adm"': `"${execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim()}"` };
}
