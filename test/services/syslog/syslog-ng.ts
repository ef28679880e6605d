import { readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Command, DaemonKind, Place } from './daemon.js';
import { Unpacked } from './unpacked.js';

async function syslogd(...args: readonly string[]): Promise<Command> {
  const unpacked = await Unpacked.of('syslog-ng-core');
  const own = unpacked.file('usr/lib/syslog-ng');
  const modules = readdirSync(own).find((name) => /^\d+\.\d+$/.test(name)) ?? '';
  return {
    program: unpacked.file('usr/sbin/syslog-ng'),
    args: ['--module-path', join(own, modules), '--no-caps', ...args],
    env: { LD_LIBRARY_PATH: [own, ...unpacked.libraryFolders].join(delimiter) },
  };
}

/** syslog-ng of Debian's package, which listens on the loopback and on a socket of its folder. */
export const syslogNg: DaemonKind = {
  name: 'syslog-ng',
  files: 'trilog.conf',
  child: 'trilog-child.conf',
  main: ({ folder, tcp, udp, dropIn }: Place) => `@version: 3.38
options { keep-hostname(yes); chain-hostnames(no); use-dns(no); dns-cache(no); };
source s_src {
  internal();
  unix-dgram("${folder}/log.socket");
  network(transport("udp") ip("127.0.0.1") port(${udp}));
  syslog(transport("tcp") ip("127.0.0.1") port(${tcp}));
};
@include "${dropIn}"
`,
  command: (config, { folder }) => {
    const file = (name: string): string => join(folder, `syslog-ng.${name}`);
    return syslogd(
      '--foreground',
      '--cfgfile',
      config,
      '--persist-file',
      file('persist'),
      '--pidfile',
      file('pid'),
      '--control',
      file('ctl'),
    );
  },
  asked: (config, folder) => syslogd('--syntax-only', '--cfgfile', config, '--persist-file', join(folder, 'asked.persist')),
};
