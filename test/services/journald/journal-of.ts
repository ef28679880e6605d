import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { debianPackage } from '../debian-packages.js';

export interface Made {
  readonly message: string;
  /** 32 hexadecimal digits. */
  readonly boot: string;
  /** Microseconds since the epoch. */
  readonly micros: number;
}

/**
 * Makes a journal file of these entries by systemd-journal-remote, as one that a machine has sent.
 * @throws where that cannot be had, or fails
 */
export async function journalOf(file: string, entries: readonly Made[]): Promise<void> {
  const [remote, http] = await Promise.all([debianPackage('systemd-journal-remote'), debianPackage('libmicrohttpd12')]);
  // https://systemd.io/JOURNAL_EXPORT_FORMATS/#journal-export-format
  const text = entries.map(
    ({ message, boot, micros }) =>
      `__REALTIME_TIMESTAMP=${micros}\n__MONOTONIC_TIMESTAMP=${micros % 1_000_000_000}\n_BOOT_ID=${boot}\nMESSAGE=${message}\nSYSLOG_IDENTIFIER=nova-api\n\n`,
  );
  const maker = spawn(join(remote, 'lib', 'systemd', 'systemd-journal-remote'), ['--output', file, '-'], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...process.env, LD_LIBRARY_PATH: `${http}/usr/lib/${libraries()}` },
  });
  let said = '';
  maker.stderr?.setEncoding('utf8').on('data', (part: string) => {
    said += part;
  });
  maker.stdin?.end(text.join(''));
  const [status] = await once(maker, 'exit');
  if (status !== 0) throw new Error(`systemd-journal-remote: ${said}`);
}

/** Debian's name for this machine's kind. */
function libraries(): string {
  return process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
}
