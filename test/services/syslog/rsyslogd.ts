import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Command, DaemonKind, Place } from './daemon.js';
import { Unpacked } from './unpacked.js';

/** @param packages what its modules are taken from, itself first */
async function rsyslogd(packages: readonly [string, ...string[]], ...args: readonly string[]): Promise<Command> {
  const unpacked = await Promise.all(packages.map((name) => Unpacked.of(name)));
  const libraryFolders = unpacked.flatMap((one) => one.libraryFolders);
  const modules = libraryFolders.map((folder) => join(folder, 'rsyslog')).filter((folder) => existsSync(folder));
  return {
    program: unpacked[0]?.file('usr/sbin/rsyslogd') ?? '',
    args: ['-M', modules.join(delimiter), ...args],
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
  command: (config) => rsyslogd(['rsyslog'], '-n', '-f', config, '-iNONE'),
  asked: (config) => rsyslogd(['rsyslog', 'rsyslog-kafka'], '-N1', '-f', config),
};
