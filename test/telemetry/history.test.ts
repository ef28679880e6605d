import test from 'ava';
import { LogRecord } from '../../src/record/record.js';
import { History, MINUTES } from '../../src/telemetry/history.js';
import { Tally } from '../../src/telemetry/tally.js';
import { source } from '../record/sample.js';

function world() {
  const clock = { now: 1_000 * 60_000 };
  const tally = new Tally();
  const history = new History(tally, () => clock.now);
  const leave = (label: string, count: number): void => {
    const record = new LogRecord(source(), 0, 'x');
    record.label = label;
    record.stage = 'rule';
    tally.add(Array.from({ length: count }, () => record));
    tally.count('inputs.nova.records', count);
  };
  return { clock, tally, history, leave };
}

test('each minute has what came in it', (t) => {
  const { clock, history, leave } = world();
  leave('a.b', 2);
  history.look();
  clock.now += 60_000;
  leave('a.b', 3);
  leave('c.d', 1);
  history.look();
  leave('c.d', 1);
  history.look();
  t.deepEqual(history.labels().get('a.b')?.slice(-2), [2, 3]);
  t.deepEqual(history.labels().get('c.d')?.slice(-2), [0, 2]);
  t.deepEqual(history.stages().get('rule')?.slice(-2), [2, 5]);
  t.is(history.labels().get('a.b')?.length, MINUTES);
});

test('what is older than an hour is gone, also after a long sleep', (t) => {
  const { clock, history, leave } = world();
  for (let minute = 0; minute < 200; minute++) {
    leave('a.b', 1);
    history.look();
    clock.now += 60_000;
  }
  t.is(
    history
      .labels()
      .get('a.b')
      ?.reduce((all, one) => all + one),
    MINUTES,
  );
  clock.now += 120 * 60_000;
  history.look();
  t.is(history.labels().size, 0);
});

test('a rate is that of about the last minute', (t) => {
  const { clock, history, leave } = world();
  t.is(history.rate('inputs.nova.records'), null);
  for (let i = 0; i < 60; i++) {
    clock.now += 5000;
    leave('a.b', 50);
    history.look();
  }
  t.is(history.rate('inputs.nova.records'), 10);
  t.is(history.rate('inputs.other.records'), 0);
  for (let i = 0; i < 14; i++) {
    clock.now += 5000;
    history.look();
  }
  t.is(history.rate('inputs.nova.records'), 0);
});

test('looks that follow close on each other keep nothing more', (t) => {
  const { clock, history, leave } = world();
  leave('a.b', 100);
  clock.now += 10_000;
  for (let i = 0; i < 1000; i++) history.look();
  t.is(history.rate('inputs.nova.records'), 10);
});

test('a clock that is put back makes no rate of its own', (t) => {
  const { clock, history, leave } = world();
  clock.now += 30_000;
  history.look();
  clock.now -= 3_600_000;
  leave('a.b', 1);
  history.look();
  t.is(history.rate('inputs.nova.records'), null);
  t.is(history.labels().get('a.b')?.at(-1), 1);
});

test('what was counted before is not of the first minute', (t) => {
  const { tally, leave } = world();
  leave('a.b', 5);
  const history = new History(tally);
  history.look();
  t.is(history.labels().size, 0);
});
