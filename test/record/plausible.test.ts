import test from 'ava';
import { dropImplausible, plausibleTime } from '../../src/record/plausible.js';
import { decoded } from './lines.js';
import { record } from './sample.js';

const NINES = '9'.repeat(400);

test('times are those of the years 1 to 9999', (t) => {
  t.is(plausibleTime(Date.parse('0001-01-01T00:00:00Z')), -62_135_596_800_000);
  t.is(plausibleTime(Date.parse('9999-12-31T23:59:59.999Z')), 253_402_300_799_999);
  for (const time of [-62_135_596_800_001, 253_402_300_800_000, 1e21, Number.POSITIVE_INFINITY, Number.NaN])
    t.is(plausibleTime(time), Number.NaN);
});

test('no line gives a time that cannot be written', (t) => {
  for (const line of [
    '9999-12-31 23:59:60.999 1 INFO nova.x [-] leap second',
    '9999-12-31T23:59:59-99:99 1 INFO nova.x [-] zone',
    '10.0.0.5 - - [31/Dec/9999:23:59:59 -9999] "GET / HTTP/1.1" 200 5',
    '{"message":"m","levelname":"INFO","created":1e18}',
    '{"message":"m","levelname":"INFO","created":-1e300}',
    '{"message":"m","levelname":"INFO","time":1e400}',
  ]) {
    t.is(decoded(line).timestamp, Number.NaN, line);
  }
});

test('process ids and lines in files that are none are absent', (t) => {
  for (const pid of [1e305, Number.POSITIVE_INFINITY, Number.NaN, -1, 1.5, 2 ** 53]) {
    const one = record('m', { pid, fileLine: pid });
    dropImplausible(one);
    t.like(one, { pid: 0, fileLine: 0 });
  }
  for (const line of [
    `<14>1 2026-03-02T10:11:12Z h1 app ${NINES} - - text`,
    `2026-03-02 10:11:12.123 DEBUG nova.x [-] m {{(pid=${NINES}) f /a.py:12}}`,
    '{"message":"m","levelname":"INFO","process":1.0e305,"lineno":1e300}',
    `2026-03-02 10:11:12.123+0000: ${NINES.slice(0, 40)}: error : f:1832 : text`,
    '[WARNING]  (1e300) : text',
  ]) {
    t.is(decoded(line).pid, 0, line.slice(0, 100));
  }
  t.is(decoded('<14>1 2026-03-02T10:11:12Z h1 app 4194304 - - text').pid, 4_194_304);
});

test('what no exchange can have is absent', (t) => {
  const begin = '10.0.0.5 "GET /v3 HTTP/1.1" ';
  for (const number of ['1.0e305', '9'.repeat(30), '1e999', '0x1ffffffffffffff']) {
    t.like(decoded(`${begin}status: ${number}  len: ${number} time: ${number}`).http, { status: -1, bytes: -1, duration: -1 }, number);
  }
  t.like(decoded(`${begin}status: 200  len: 5 time: 1000000`).http, { status: 200, bytes: 5, duration: 1e6 });
  t.is(decoded(`${begin}status: 200  len: 5 time: 1000001`).http?.duration, -1);
  const storage = '10.0.1.7 - - [02/Mar/2026:10:11:12 +0000] "PUT /sdb1" 201 - "r" "tx" "a" Infinity "-" 1e9 0';
  t.is(decoded(storage).http?.duration, -1);
});
