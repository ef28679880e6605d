import { EventEmitter, once } from 'node:events';
import test from 'ava';
import { OutputStanding, Standing } from '../../../src/telemetry/standing.js';
import { Service, watchdogMsOf } from '../../../src/telemetry/systemd/service.js';
import { Tally } from '../../../src/telemetry/tally.js';
import type { Message } from './notify-socket.js';

const PERIODS: readonly (readonly [Record<string, string>, number | null])[] = [
  [{}, null],
  [{ WATCHDOG_USEC: '60000000' }, 60_000],
  [{ WATCHDOG_USEC: '60000000', WATCHDOG_PID: '42' }, 60_000],
  [{ WATCHDOG_USEC: '60000000', WATCHDOG_PID: '43' }, null],
  [{ WATCHDOG_USEC: '0' }, null],
  [{ WATCHDOG_USEC: 'soon' }, null],
];

for (const [environment, period] of PERIODS)
  test(`the watchdog's period of ${JSON.stringify(environment)} is ${period}`, (t) => t.is(watchdogMsOf(environment, 42), period));

/** A service whose watchdog's period is short, and what it says. */
function service(patienceMs = 0) {
  const messages: Message[] = [];
  const heard = new EventEmitter();
  const send = async (message: Message): Promise<void> => {
    messages.push(message);
    heard.emit('message');
  };
  const standing = new Standing(new Tally(), { bytes: 0, maxBytes: 1 });
  const until = async (isIt: (message: Message) => boolean, since: number): Promise<Message> => {
    for (;;) {
      const found = messages.slice(since).find(isIt);
      if (found !== undefined) return found;
      await once(heard, 'message');
    }
  };
  return { service: new Service({ watchdogMs: 30, patienceMs, stopMs: 11_000 }, { send }), standing, messages, until };
}

const fed = (message: Message): boolean => message['WATCHDOG'] === '1';

test('an agent that has nothing to do is ready and feeds the watchdog', async (t) => {
  const { service: own, standing, messages, until } = service();
  own.running(standing);
  t.deepEqual(messages, [{ READY: '1', STATUS: '0 records, 0/s' }]);
  await until(fed, 1);
  await until(fed, messages.length);
  own.close();
});

test('one that stands still with work to do stops feeding it and says so; when it moves it feeds again', async (t) => {
  const { service: own, standing, messages, until } = service();
  standing.work.classifying = 1;
  own.running(standing);
  const still = await until(({ STATUS }) => STATUS?.includes('nothing moves') === true, 0);
  t.false(fed(still));
  const since = messages.length;
  standing.work.steps++;
  t.true(fed(await until(() => true, since)));
  own.close();
});

test('one that waits for a dead output feeds on, and says which output it is', async (t) => {
  const { service: own, standing, messages, until } = service();
  const output = new OutputStanding('search', 'opensearch');
  output.hasQueue(
    () => 5,
    () => true,
  );
  output.failed('connection refused');
  standing.outputs = [output];
  standing.work.waiting = 3;
  own.running(standing);
  t.regex(messages[0]?.['STATUS'] ?? '', /output search has been failing for \d+ s, 5 records waiting$/);
  await until(fed, 1);
  await until(fed, messages.length);
  own.close();
});

test('what the configuration lets it wait for is no standing still', async (t) => {
  const { service: own, standing, messages, until } = service(60_000);
  standing.work.classifying = 1;
  own.running(standing);
  await until(fed, 1);
  await until(fed, messages.length);
  t.false(messages.some(({ STATUS }) => STATUS?.includes('nothing moves') === true));
  own.close();
});

test('a reload is told with the time of the clock that systemd compares with, and its refusal stays in the status', (t) => {
  const { service: own, standing, messages } = service();
  own.running(standing);
  const before = process.hrtime.bigint() / 1000n;
  own.reloading();
  own.reloaded(true);
  own.stopping();
  const [, reloading, reloaded, stopping] = messages;
  t.is(reloading?.['RELOADING'], '1');
  t.true(BigInt(reloading?.['MONOTONIC_USEC'] ?? 0) >= before);
  t.deepEqual(reloaded, { READY: '1', STATUS: '0 records, 0/s; the last reload was refused, see the log' });
  t.deepEqual(stopping, { STOPPING: '1', STATUS: 'stopping', EXTEND_TIMEOUT_USEC: '11000000' });
});
