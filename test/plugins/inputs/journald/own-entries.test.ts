import test from 'ava';
import { entryOf } from '../../../../plugins/inputs/journald/entry.js';
import { isOwn, unitOf } from '../../../../plugins/inputs/journald/own-entries.js';
import { fullName } from '../../../../plugins/inputs/journald/unit-pattern.js';
import { journalLine } from './entries.js';

const self = { unit: 'trilog.service', machineId: 'm', bootId: 'b', pid: 7, executable: '/usr/bin/node' };

for (const [what, fields, own] of [
  ["the unit's entries", { _SYSTEMD_UNIT: 'trilog.service', _MACHINE_ID: 'm', _PID: '3' }, true],
  ['the same unit of another machine', { _SYSTEMD_UNIT: 'trilog.service', _MACHINE_ID: 'other' }, false],
  ['another unit', { _SYSTEMD_UNIT: 'trilog-x.service', _MACHINE_ID: 'm', _PID: '7' }, false],
  ['this process without a unit', { _PID: '7', _EXE: '/usr/bin/node', _BOOT_ID: 'b' }, true],
  ['another program with the same process id', { _PID: '7', _EXE: '/usr/sbin/sshd', _BOOT_ID: 'b' }, false],
  ['the same process id before the machine was started again', { _PID: '7', _EXE: '/usr/bin/node', _BOOT_ID: 'a' }, false],
  ['what systemd says of the unit', { _PID: '1', UNIT: 'trilog.service', _SYSTEMD_UNIT: 'init.scope' }, false],
] as const)
  test(`${what}: ${own ? 'left out' : 'read'}`, (t) => {
    const entry = entryOf(journalLine(1, fields));
    t.is(entry !== null && isOwn(entry, self), own);
  });

for (const [cgroup, unit] of [
  ['0::/system.slice/trilog.service\n', 'trilog.service'],
  ['12:pids:/x.service\n1:name=systemd:/system.slice/system-trilog.slice/trilog@a.service\n', 'trilog@a.service'],
  ['0::/user.slice/user-1000.slice/user@1000.service/app.slice/trilog.service\n', ''],
  ['0::/user.slice/user-0.slice/session-3.scope\n', ''],
  ['0::/\n', ''],
  ['', ''],
] as const)
  test(`the unit of ${JSON.stringify(cgroup)} is ${JSON.stringify(unit)}`, (t) => {
    t.is(unitOf(cgroup), unit);
  });

test('a unit without a suffix is a service', (t) => {
  t.deepEqual(['nova-compute', 'a.socket', 'nova-*', 'devstack@n-api'].map(fullName), [
    'nova-compute.service',
    'a.socket',
    'nova-*',
    'devstack@n-api.service',
  ]);
});
