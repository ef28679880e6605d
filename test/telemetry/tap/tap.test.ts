import test from 'ava';
import { LogRecord } from '../../../src/record/record.js';
import type { TapRequest } from '../../../src/telemetry/tap/request.js';
import { Tap } from '../../../src/telemetry/tap/tap.js';

const ALL: TapRequest = { labels: [], level: null, stage: null, input: null, service: null, rate: 4, count: null };
const SOURCE = { id: 's', input: 'logs', name: 's', program: 'nova', host: 'h', timezone: 'Etc/UTC', format: 'auto' };

function records(count: number, message = 'said'): LogRecord[] {
  return Array.from({ length: count }, (_, i) => new LogRecord(SOURCE, i, `${message} ${i}`));
}

/** A reader that takes everything, until it is told not to. */
class Reader {
  writableNeedDrain = false;
  bytes = 0;
  readonly lines: Record<string, unknown>[] = [];
  closed = false;

  write(bytes: Buffer | string): boolean {
    this.bytes += bytes.length;
    for (const line of bytes.toString().trimEnd().split('\n')) this.lines.push(JSON.parse(line));
    return !this.writableNeedDrain;
  }

  end(last: string): void {
    this.write(last);
    this.closed = true;
  }

  get messages(): unknown[] {
    return this.lines.filter((line) => 'message' in line).map(({ message }) => message);
  }
}

test('records are shown at the next beat, as documents', (t) => {
  const reader = new Reader();
  const tap = new Tap(ALL, reader);
  tap.take(records(3));
  t.is(reader.bytes, 0);
  tap.beat();
  t.deepEqual(reader.messages, ['said 0', 'said 1', 'said 2']);
  t.like(reader.lines[0], { service: { name: 'nova' }, trilog: { label: 'unclassified', stage: 'none' } });
});

test('filters come before the rate', (t) => {
  const reader = new Reader();
  const tap = new Tap({ ...ALL, stage: 'rule' }, reader);
  tap.take(records(1000).map((record, i) => Object.assign(record, i === 400 || i === 500 ? { stage: 'rule' } : {})));
  tap.beat();
  t.deepEqual(reader.messages, ['said 400', 'said 500']);
  t.like(tap.note, { passed: 1000, matched: 2, shown: 2, left_out: { over_rate: 0 } });
});

test('a reader that takes nothing is given nothing, and told what it missed', (t) => {
  const reader = new Reader();
  let now = 0;
  const tap = new Tap(ALL, reader, () => now);
  reader.writableNeedDrain = true;
  for (let beat = 0; beat < 100; beat++) {
    now += 10_000;
    tap.take(records(10));
    tap.beat();
  }
  t.is(reader.bytes, 0);
  const { matched, shown, left_out } = tap.note;
  t.true(left_out.slow_reader >= 99);
  t.is(shown + left_out.slow_reader + left_out.over_rate, matched);
  reader.writableNeedDrain = false;
  tap.beat();
  t.deepEqual(reader.lines, [{ tap: { ...tap.note } }]);
});

test('the counts come now and then, also where nothing passes', (t) => {
  const reader = new Reader();
  let now = 0;
  const tap = new Tap(ALL, reader, () => now);
  for (now = 250; now <= 15_000; now += 250) tap.beat();
  t.is(reader.lines.length, 3);
  t.like(reader.lines[0], { tap: { passed: 0, end: null } });
});

test('it ends with the count, exactly', (t) => {
  const reader = new Reader();
  const tap = new Tap({ ...ALL, rate: 1000, count: 7 }, reader);
  tap.take(records(5));
  tap.beat();
  t.false(reader.closed);
  tap.take(records(100));
  tap.beat();
  t.true(reader.closed && tap.ended);
  t.is(reader.messages.length, 7);
  t.like(reader.lines.at(-1), { tap: { shown: 7, matched: 105, left_out: { over_rate: 98 }, end: 'count' } });
  tap.take(records(5));
  tap.beat();
  t.is(tap.note.passed, 105, 'and nothing is looked at any more');
});

test('the end of the agent is the last line, behind what was still to be shown', (t) => {
  const reader = new Reader();
  const tap = new Tap(ALL, reader);
  tap.take(records(2));
  tap.end();
  t.is(reader.messages.length, 2);
  t.like(reader.lines.at(-1), { tap: { shown: 2, end: 'agent' } });
});

test('a record that is very large is counted, not shown', (t) => {
  const reader = new Reader();
  const tap = new Tap(ALL, reader);
  tap.take(records(1, 'x'.repeat(300_000)));
  tap.beat();
  t.is(reader.bytes, 0);
  t.like(tap.note, { shown: 0, left_out: { too_large: 1 } });
});
