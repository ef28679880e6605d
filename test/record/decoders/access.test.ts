import test from 'ava';
import { decoded, TIME } from '../lines.js';

const SECOND = TIME - 123;

test('access lines that stand for themselves', (t) => {
  const rows = [
    [
      '10.0.0.5 - - [02/Mar/2026:10:11:12 +0000] "POST /v3/auth/tokens HTTP/1.1" 201 4660 123456 "-" "openstacksdk/1.0"',
      {
        clientIp: '10.0.0.5',
        method: 'POST',
        path: '/v3/auth/tokens',
        version: '1.1',
        status: 201,
        bytes: 4660,
        duration: 0.123456,
        userAgent: 'openstacksdk/1.0',
        referrer: '',
      },
    ],
    [
      '- - bob [02/Mar/2026:10:11:12 +0000] "GET / HTTP/1.0" 200 - "http://r/" "a \\"b\\""',
      { clientIp: '', status: 200, bytes: -1, duration: -1, referrer: 'http://r/', userAgent: 'a \\"b\\"' },
    ],
    ['10.0.0.5 - bob1 [02/Mar/2026:10:11:12 +0000] "GET / HTTP/1.1" 200 5', { clientIp: '10.0.0.5', status: 200 }],
    ['2001:db8::1 - - [02/Mar/2026:10:11:12 +0000] "GET /x HTTP/1.1" 304 0', { clientIp: '2001:db8::1', status: 304, bytes: 0 }],
    [
      '[pid: 19|app: 0|req: 41/82] 10.0.0.5 () {62 vars in 1244 bytes} [Mon Mar  2 10:11:12 2026] GET /v3/projects => generated 1893 bytes in 24 msecs (HTTP/1.1 200) 6 headers in 300 bytes (1 switches on core 0)',
      { clientIp: '10.0.0.5', method: 'GET', path: '/v3/projects', version: '1.1', status: 200, bytes: 1893, duration: 0.024 },
    ],
  ] as const;
  for (const [line, http] of rows) {
    const record = decoded(line);
    t.like(record.http, http, line);
    t.like(record, { format: 'access', message: line, timestamp: SECOND, level: 'INFO' }, line);
  }
  t.is(decoded(rows[4][0]).pid, 19);
});

test("swift's access lines", (t) => {
  const storage =
    '10.0.1.7 - - [02/Mar/2026:10:11:12 +0000] "PUT /sdb1/123/AUTH_x/c/o" 201 - "PUT http://h/v1" "tx00-0069a5" "proxy-server 99" 0.0012 "-" 1234 0';
  const record = decoded(storage);
  t.like(record, { format: 'swift', timestamp: SECOND, pid: 1234 });
  t.like(record.http, {
    method: 'PUT',
    path: '/sdb1/123/AUTH_x/c/o',
    status: 201,
    bytes: -1,
    duration: 0.0012,
    userAgent: 'proxy-server 99',
  });
  t.is(record.context?.requestId, 'tx00-0069a5');
  const proxy =
    '10.0.0.9 10.0.0.2 02/Mar/2026/10/11/12 GET /v1/AUTH_x/c%3Fformat%3Djson HTTP/1.0 200 - python-swiftclient-4.0 gAAAAA... - 1893 - tx00-0069a5 - 0.0244 - - 1772446272.1 1772446272.2 0 -';
  const request = decoded(`Mar  2 10:11:12 stor01 proxy-server: ${proxy}`, { timezone: 'Europe/Berlin' });
  t.like(request, { format: 'swift', timestamp: SECOND, program: 'proxy-server', host: 'stor01' });
  t.like(request.http, {
    clientIp: '10.0.0.9',
    path: '/v1/AUTH_x/c?format=json',
    version: '1.0',
    status: 200,
    bytes: 1893,
    duration: 0.0244,
  });
});

test("swift's texts", (t) => {
  const record = decoded(
    'Mar  2 10:11:12 stor01 proxy-server: ERROR with Object server 10.0.1.7:6200/sdb1 re: Trying to GET /v1/AUTH_x/c/o: ConnectionTimeout (0.5s) (txn: tx00-0069a5) (client_ip: 10.0.0.9)',
  );
  t.is(record.message, 'ERROR with Object server 10.0.1.7:6200/sdb1 re: Trying to GET /v1/AUTH_x/c/o: ConnectionTimeout (0.5s)');
  t.like(record, { format: 'swift', level: 'ERROR', program: 'proxy-server', fields: { client_ip: '10.0.0.9' } });
  t.is(record.context?.requestId, 'tx00-0069a5');
});

test("HAProxy's traffic", (t) => {
  const line =
    '10.0.0.5:43210 [02/Mar/2026:10:11:12.123] nova_api_front nova_api_back/ctrl1 0/0/1/24/25 200 1893 - - ---- 1/1/0/0/0 0/0 "GET /v2.1 HTTP/1.1"';
  const record = decoded(`Mar  2 10:11:12 ctrl1 haproxy[7]: ${line}`);
  t.like(record, { format: 'haproxy', timestamp: TIME, program: 'haproxy', pid: 7, fields: { backend: 'nova_api_back', server: 'ctrl1' } });
  t.like(record.http, { clientIp: '10.0.0.5', method: 'GET', status: 200, bytes: 1893, duration: 0.025 });
  t.like(decoded('Mar  2 10:11:12 ctrl1 haproxy[7]: Server nova_api_back/ctrl1 is DOWN, reason: Layer4 timeout'), {
    format: 'haproxy',
    http: null,
  });
  t.like(decoded('[WARNING]  (1) : Server a/b is DOWN'), { format: 'haproxy', level: 'WARNING', pid: 1, message: 'Server a/b is DOWN' });
});
