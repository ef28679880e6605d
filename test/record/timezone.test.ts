import test from 'ava';
import { DateTime } from 'luxon';
import { TimestampReader } from '../../src/record/timestamp.js';
import { isTimezone, utcTime, yearlessTime, Zone } from '../../src/record/timezone.js';

test('impossible dates have no time', (t) => {
  for (const [year, month, day, hour] of [
    [2026, 2, 29, 0],
    [2026, 13, 1, 0],
    [2026, 0, 1, 0],
    [2026, 1, 0, 0],
    [2026, 4, 31, 0],
    [2026, 1, 1, 24],
    [0, 1, 1, 0],
  ] as const) {
    t.is(utcTime(year, month, day, hour, 0, 0), Number.NaN);
  }
  t.is(utcTime(2024, 2, 29, 0, 0, 0), Date.UTC(2024, 1, 29));
});

test('a time in the gap of spring lies after the change by as much as it lies into the gap', (t) => {
  const zone = new Zone('Europe/Berlin');
  t.is(zone.toEpoch(Date.UTC(2026, 2, 29, 1, 59)), Date.UTC(2026, 2, 29, 0, 59));
  t.is(zone.toEpoch(Date.UTC(2026, 2, 29, 2, 30)), Date.UTC(2026, 2, 29, 1, 30));
  t.is(zone.toEpoch(Date.UTC(2026, 2, 29, 3, 0)), Date.UTC(2026, 2, 29, 1, 0));
});

test('a time that autumn brings twice is the first of the two', (t) => {
  const zone = new Zone('Europe/Berlin');
  t.is(zone.toEpoch(Date.UTC(2026, 9, 25, 2, 30)), Date.UTC(2026, 9, 25, 0, 30));
  t.is(zone.toEpoch(Date.UTC(2026, 9, 25, 3, 0)), Date.UTC(2026, 9, 25, 2, 0));
});

test('all zones agree with luxon away from changes', (t) => {
  for (const name of [
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'America/St_Johns',
    'Pacific/Apia',
    'Etc/UTC',
  ]) {
    const zone = new Zone(name);
    for (let day = 0; day < 365; day += 3) {
      const local = Date.UTC(2025, 0, 1 + day, 12, 34, 56);
      const { year, month, day: date, hour, minute, second } = DateTime.fromMillis(local, { zone: 'utc' });
      const expected = DateTime.fromObject({ year, month, day: date, hour, minute, second }, { zone: name }).toMillis();
      t.is(zone.toEpoch(local), expected, `${name} ${day}`);
    }
  }
});

test('a time without a year is in the latest year that is not more than a day ahead', (t) => {
  const now = Date.UTC(2026, 0, 1, 0, 30);
  t.is(yearlessTime(12, 31, 23, 59, 0, now), Date.UTC(2025, 11, 31, 23, 59));
  t.is(yearlessTime(1, 1, 23, 0, 0, now), Date.UTC(2026, 0, 1, 23));
  t.is(yearlessTime(1, 3, 0, 0, 0, now), Date.UTC(2025, 0, 3));
  t.is(yearlessTime(1, 1, 0, 0, 0, Date.UTC(2025, 11, 31, 23)), Date.UTC(2026, 0, 1));
  t.is(yearlessTime(2, 29, 0, 0, 0, now), Date.UTC(2024, 1, 29));
  t.is(yearlessTime(2, 30, 0, 0, 0, now), Number.NaN);
});

test('the second that is remembered does not leak into another', (t) => {
  const reader = new TimestampReader('Europe/Berlin', () => 0);
  t.is(reader.iso('2026-03-02 10:11:12.123 x', 0), Date.UTC(2026, 2, 2, 9, 11, 12, 123));
  t.is(reader.iso('2026-03-02 10:11:12.123Z x', 0), Date.UTC(2026, 2, 2, 10, 11, 12, 123));
  t.is(reader.iso('2026-03-02 10:11:13 x', 0), Date.UTC(2026, 2, 2, 9, 11, 13));
  t.is(reader.iso('no time', 0), Number.NaN);
  t.is(reader.end, -1);
  t.is(reader.iso('2026-03-02 10:11:13 x', 0), Date.UTC(2026, 2, 2, 9, 11, 13));
  t.is(reader.end, 19);
});

test('names of zones', (t) => {
  for (const name of ['UTC', 'Etc/UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires']) t.true(isTimezone(name), name);
  for (const name of ['', '+01:00', '-0100', ' Europe/Berlin', 'Europe/Nowhere', 'local', '/etc']) t.false(isTimezone(name), name);
});
