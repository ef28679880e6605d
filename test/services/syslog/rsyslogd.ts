import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Command, DaemonKind, Place } from './daemon.js';
import { Unpacked } from './unpacked.js';

async function rsyslogd(...args: readonly string[]): Promise<Command> {
  const unpacked = await Unpacked.of('rsyslog');
  const { libraryFolders } = unpacked;
  const modules = libraryFolders.map((folder) => join(folder, 'rsyslog')).find((folder) => existsSync(folder)) ?? '';
  return {
    program: unpacked.file('usr/sbin/rsyslogd'),
    args: ['-M', modules, ...args],
    env: { LD_LIBRARY_PATH: libraryFolders.join(delimiter) },
  };
}

/** rsyslogd of Debian's package, which listens on the loopback and on a socket of its folder. */
export const rsyslog: DaemonKind = {
  name: 'rsyslog',
  files: '30-trilog.conf',
  child: '30-trilog-child.conf',
  main: ({ folder, tcp, udp, dropIn }: Place) => `
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="${folder}/log.socket")
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="${udp}")
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="${tcp}")
global(workDirectory="${folder}")
include(file="${dropIn}")
`,
  command: (config) => rsyslogd('-n', '-f', config, '-iNONE'),
  asked: (config) => rsyslogd('-N1', '-f', config),
};
