import test from 'ava';
import { Decoder } from '../../../src/record/decode.js';
import { decoded, TIME, testSource } from '../lines.js';
import { flatContext } from '../sample.js';

const SECOND = TIME - 123;

test('services beside OpenStack', (t) => {
  const rows = [
    [
      '2026-03-02T10:11:12.123Z|00012|connmgr|WARN|br-int<->unix#9: x',
      TIME,
      { format: 'ovs', level: 'WARNING', logger: 'connmgr', message: 'br-int<->unix#9: x' },
    ],
    [
      '2026-03-02T10:11:12.123Z|00012|dpif(handler3)|EMER|x',
      TIME,
      { format: 'ovs', level: 'CRITICAL', logger: 'dpif', fields: { thread: 'handler3' } },
    ],
    ['2026-03-02 10:11:12.123456+00:00 [info] <0.1.0> accepting', TIME, { format: 'rabbitmq', level: 'INFO', message: 'accepting' }],
    ['2026-03-02 10:11:12.123 [error] <0.1.0> x', TIME, { format: 'rabbitmq', level: 'ERROR', fields: { erlang_process: '<0.1.0>' } }],
    ['=INFO REPORT==== 2-Mar-2026::10:11:12 ===', SECOND, { format: 'rabbitmq', level: 'INFO', message: '' }],
    ['=ERROR REPORT==== 12-Mar-2026::10:11:12 ===', SECOND + 864_000_000, { format: 'rabbitmq', level: 'ERROR' }],
    [
      '2026-03-02 10:11:12.123+0000: 1234: error : virNetSocketReadWire:1832 : End of file',
      TIME,
      { format: 'libvirt', level: 'ERROR', pid: 1234, functionName: 'virNetSocketReadWire', fileLine: 1832, message: 'End of file' },
    ],
    [
      '2026-03-02 10:11:12.123+0000: 1: info : libvirt version: 9.0',
      TIME,
      { format: 'libvirt', level: 'INFO', message: 'libvirt version: 9.0' },
    ],
    ['2026-03-02 10:11:12 0 [Note] ready', SECOND, { format: 'mariadb', level: 'INFO', message: 'ready' }],
    ['2026-03-02  9:11:12 140123456789012 [ERROR] x', SECOND - 3_600_000, { format: 'mariadb', level: 'ERROR', message: 'x' }],
    [
      '2026-03-02T10:11:12.123456Z 0 [Warning] [MY-010068] [Server] CA',
      TIME,
      { format: 'mariadb', level: 'WARNING', logger: 'Server', message: 'CA' },
    ],
    ['260302 10:11:12 [Note] x', SECOND, { format: 'mariadb', level: 'INFO', message: 'x' }],
    ['260302 10:11:12 mysqld_safe Starting', SECOND, { format: 'mariadb', program: 'mysqld_safe', message: 'Starting' }],
    [
      '[Mon Mar 02 10:11:12.123456 2026] [wsgi:error] [pid 19:tid 140] [remote 10.0.0.5:1] mod_wsgi: x',
      TIME,
      { format: 'apache_error', level: 'ERROR', logger: 'wsgi', pid: 19, message: 'mod_wsgi: x', fields: { remote: '10.0.0.5:1' } },
    ],
    ['[Mon Mar 02 10:11:12 2026] [error] x', SECOND, { format: 'apache_error', level: 'ERROR', logger: '', message: 'x' }],
    [
      '[Mon Mar 02 10:11:13.000000 2026] [wsgi:error] [pid 19] 2026-03-02 10:11:12.123 INFO keystone.common.wsgi [-] GET /v3',
      TIME,
      { format: 'oslo', logger: 'keystone.common.wsgi', pid: 19 },
    ],
    ['2026-03-02 10:11:12.123 pinger DEBUG PING x', TIME, { format: 'python', level: 'DEBUG', logger: 'pinger', message: 'PING x' }],
    ['2026-03-02 10:11:12,123 - a.b - WARNING - x y', TIME, { format: 'python', level: 'WARNING', logger: 'a.b', message: 'x y' }],
  ] as const;
  for (const [line, time, expected] of rows) {
    const record = decoded(line);
    t.is(record.timestamp, time, line);
    t.like(record, expected, line);
  }
});

test('Python and the shell', (t) => {
  t.like(decoded('/usr/lib/x.py:123: DeprecationWarning: old: use y'), {
    format: 'python',
    level: 'WARNING',
    filePath: '/usr/lib/x.py',
    fileLine: 123,
    message: 'old: use y',
  });
  t.like(decoded('setup.py:1: UserWarning: x'), { format: 'python', error: { type: 'UserWarning', message: 'x', stackTrace: '' } });
  t.like(decoded('====                        Guru Meditation                         ===='), { format: 'python' });
  t.like(decoded('+ functions-common:_run_process:1439       :   echo 1948'), {
    format: 'shell',
    message: 'functions-common:_run_process:1439       :   echo 1948',
  });
});

test('syslog', (t) => {
  const rows = [
    [
      'Mar  2 10:11:12 h1 kernel: [ 5749.217748] audit: x',
      { message: 'audit: x', program: 'kernel', host: 'h1', fields: { uptime_s: 5749.217748 } },
    ],
    ['<11>Mar  2 10:11:12 h1 systemd[1]: Started', { message: 'Started', program: 'systemd', pid: 1, level: 'ERROR' }],
    ['2026-03-02T10:11:12+00:00 h1 systemd[1]: Started', { message: 'Started', host: 'h1', pid: 1 }],
    [
      '<14>1 2026-03-02T10:11:12Z h1 app 7 ID1 [a b="]"][c d="e"] text',
      { message: 'text', program: 'app', pid: 7, level: 'INFO', host: 'h1' },
    ],
    ['<14>1 2026-03-02T10:11:12Z h1 app - - - text', { message: 'text', program: 'app', pid: 0 }],
    ['Mar  2 10:11:12 h1 (systemd): text', { program: '(systemd)', message: 'text' }],
  ] as const;
  for (const [line, expected] of rows) {
    const record = decoded(line);
    t.is(record.format, 'syslog', line);
    t.is(record.timestamp, SECOND, line);
    t.like(record, expected, line);
  }
  t.like(decoded(rows[3][0]).fields, { structured_data: '[a b="]"][c d="e"]', message_id: 'ID1' });
});

test('other forms inside syslog keep its program and host', (t) => {
  const oslo =
    '2026-03-02 10:11:12.123 99 ERROR nova.x [-] Failed#0122026-03-02 10:11:12.123 99 ERROR nova.x Traceback (most recent call last):';
  const record = decoded(`Mar  2 10:11:13 h1 nova-api[5]: ${oslo}#0122026-03-02 10:11:12.123 99 ERROR nova.x x.Y: z`);
  t.like(record, { format: 'oslo', program: 'nova-api', host: 'h1', pid: 99, message: 'Failed', timestamp: TIME });
  t.like(record.error, { type: 'x.Y', message: 'z' });
  t.like(decoded('Mar  2 10:11:12 h1 ovs-vsctl: ovs|00001|vsctl|INFO|Called as ovs-vsctl'), {
    format: 'ovs',
    program: 'ovs-vsctl',
    message: 'Called as ovs-vsctl',
  });
  const devstack = decoded(
    'Mar 02 10:11:12 h1 devstack@n-api.service[123]: #033[00;32mDEBUG nova.compute [None req-1 admin alice#033[00m] text {{(pid=124) f /a.py:1}}#033[00m',
  );
  t.like(devstack, { format: 'oslo', program: 'n-api', level: 'DEBUG', message: 'text', functionName: 'f', pid: 124, timestamp: SECOND });
  t.like(flatContext(devstack), { requestId: 'req-1', projectId: 'admin', userId: 'alice' });
  // journalctl -o short-precise
  for (const [fraction, ms] of [
    ['.123456', 123],
    ['.123', 123],
    ['.120000', 120],
  ] as const) {
    const precise = decoded(`Mar 02 10:11:12${fraction} h1 devstack@n-cpu.service[123]: ERROR nova.compute [None req-1 admin admin] boom`);
    t.like(precise, { format: 'oslo', level: 'ERROR', program: 'n-cpu', host: 'h1', pid: 123, message: 'boom', timestamp: SECOND + ms });
  }
  t.like(decoded('Mar  2 10:11:12 h1 httpd: 10.0.0.5 - - [02/Mar/2026:10:11:12 +0000] "GET / HTTP/1.1" 200 2'), {
    format: 'access',
    program: 'httpd',
  });
});

test('lines in wrappings', (t) => {
  const line = '2026-03-02 10:11:12.123 25746 INFO a.b [-] x';
  t.like(decoded(`nova-api.log.1.2017-05-16_13:53:08 ${line}`), { format: 'oslo', program: 'nova-api', message: 'x', timestamp: TIME });
  t.like(decoded(`2026-03-02T10:11:13.1Z stdout F ${line}`), { format: 'oslo', message: 'x', timestamp: TIME });
  for (const [prefix, program] of [
    ['nova-api stdout | ', 'nova-api'],
    ['n-api_2 stderr | ', 'n-api_2'],
    ['nova_api_1  | ', 'nova_api'],
    ['nova-api-1     | ', 'nova-api'],
  ] as const) {
    t.like(decoded(prefix + line), { format: 'oslo', program, pid: 25746, logger: 'a.b', message: 'x', timestamp: TIME }, prefix);
  }
  t.like(decoded('rsyslog_1  | Mar  2 10:11:12 h1 sshd[1]: text'), { format: 'syslog', program: 'sshd', host: 'h1' });
  t.is(new Decoder(testSource()).decode(`a b | ${line}`, 0), null);
  t.like(decoded(`INFO nova.compute [None req-1 admin alice] x`), { format: 'oslo', message: 'x', timestamp: Number.NaN });
});

test('lines of no known form', (t) => {
  const decoder = new Decoder(testSource());
  for (const line of [
    '',
    ' ',
    'text',
    '{"a": 1}',
    '{',
    '[',
    '<',
    'Stdout: 1',
    'nova_api_1  | text',
    'Name | Value',
    '  File "x"',
    '2026',
    '192.168.0.1 is alive',
    'Mar  2',
    '====',
    '2026-03-02 10:11:12',
  ]) {
    t.is(decoder.decode(line, 0), null, line);
  }
});

test('a pinned decoder tries no other', (t) => {
  t.is(new Decoder(testSource({ format: 'ovs' })).decode('2026-03-02 10:11:12.123 1 INFO a [-] x', 0), null);
  t.is(new Decoder(testSource({ format: 'raw' })).decode('2026-03-02 10:11:12.123 1 INFO a [-] x', 0)?.format, 'raw');
  t.is(new Decoder(testSource({ format: 'oslo' })).decode('2026-03-02 10:11:12.123 1 INFO a [-] x', 0)?.format, 'oslo');
});

test('pinned Swift and Open vSwitch are also found inside syslog', (t) => {
  const swift = (text: string) => decoded(`Mar  2 10:11:12 stor01 proxy-server: ${text}`, { format: 'swift' });
  const stored = swift('ERROR with Object server: Timeout (txn: tx0) (client_ip: 10.0.0.9)');
  t.like(stored, { format: 'swift', level: 'ERROR', message: 'ERROR with Object server: Timeout', timestamp: SECOND });
  t.like(stored, { host: 'stor01', program: 'proxy-server', fields: { client_ip: '10.0.0.9' } });
  t.is(stored.context?.requestId, 'tx0');
  const access = '10.0.0.9 10.0.0.2 02/Mar/2026/10/11/12 GET /v1/a HTTP/1.0 200 - c t - 1893 - tx0 - 0.0244 - - 1.1 1.2 0 -';
  t.like(swift(access).http, { clientIp: '10.0.0.9', path: '/v1/a', status: 200 });
  t.like(decoded(access, { format: 'swift' }).http, { path: '/v1/a' });
  t.like(decoded('ERROR x (txn: tx0)', { format: 'swift' }), { format: 'swift', level: 'ERROR', message: 'ERROR x' });

  for (const time of ['Mar  2 10:11:12', '2026-03-02T10:11:12+00:00']) {
    const ovs = decoded(`${time} h1 ovs-vswitchd: ovs|00012|connmgr|WARN|x`, { format: 'ovs' });
    t.like(ovs, {
      format: 'ovs',
      level: 'WARNING',
      logger: 'connmgr',
      message: 'x',
      host: 'h1',
      program: 'ovs-vswitchd',
      timestamp: SECOND,
    });
  }
});
