import test from 'ava';
import { bytes, duration, number, percent, rate } from '../../../src/telemetry/page/quantities.js';

const CASES: readonly (readonly [string, string])[] = [
  [number(1_234_567), '1,234,567'],
  [rate(null), '–'],
  [rate(0), '0/s'],
  [rate(12.345), '12.3/s'],
  [rate(123_456), '123,000/s'],
  [bytes(0), '0 B'],
  [bytes(999), '999 B'],
  [bytes(1_500_000), '1.5 MB'],
  [bytes(7e15), '7,000 TB'],
  [percent(0), '0 %'],
  [percent(0.00001), '<0.1 %'],
  [percent(0.5), '50.0 %'],
  [percent(0.99999), '>99.9 %'],
  [percent(1), '100 %'],
  [duration(0.2), '0 s'],
  [duration(-5), '0 s'],
  [duration(59), '59 s'],
  [duration(3661), '1 h 1 min'],
  [duration(3600), '1 h'],
  [duration(200_000), '2 d 7 h'],
];

test('quantities are written for people', (t) => {
  t.deepEqual(
    CASES.map(([written]) => written),
    CASES.map(([, expected]) => expected),
  );
});
