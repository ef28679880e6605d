import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import type { SyslogDaemon } from './daemon.js';
import { Unpacked } from './unpacked.js';

const run = promisify(execFile);

/**
 * Rotates the files of a daemon by the example's fragment with the real logrotate, whether it is time for it or not. The signal to the
 * daemon's unit becomes one to its process.
 */
export async function rotate({ kind, place, pid }: SyslogDaemon): Promise<void> {
  const unpacked = await Unpacked.of('logrotate');
  const fragment = readFileSync(join(PACKAGE_ROOT, 'examples', kind.name, 'logrotate'), 'utf8');
  const [before = '', after = ''] = fragment
    .replaceAll('/var/log/trilog-syslog', join(place.folder, 'syslog'))
    .split(/(?<=postrotate\n).*(?=\n\tendscript)/s);
  const config = join(place.folder, 'logrotate.conf');
  writeFileSync(config, `${before}\t\tkill -HUP ${pid}${after}`, { mode: 0o600 });
  await run(unpacked.file('usr/sbin/logrotate'), ['--force', '--state', join(place.folder, 'logrotate.state'), config], {
    env: { ...process.env, LD_LIBRARY_PATH: unpacked.libraryFolders.join(delimiter) },
  });
}
