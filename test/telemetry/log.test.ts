import { PassThrough } from 'node:stream';
import test from 'ava';
import winston from 'winston';
import { componentLog, createLog, repeatLimit } from '../../src/telemetry/log.js';
import { logSchema } from '../../src/telemetry/log-config.js';

/** A log whose lines can be looked at. */
function log(keys: Record<string, unknown>, terminal = false) {
  const stream = new PassThrough({ encoding: 'utf8' });
  const logger = createLog(logSchema.parse(keys), terminal);
  logger.clear().add(new winston.transports.Stream({ stream }));
  return {
    logger,
    lines: (): string[] =>
      String(stream.read() ?? '')
        .split('\n')
        .slice(0, -1),
  };
}

test('into a file or the journal it is JSON, with the component and what belongs to the message', (t) => {
  const { logger, lines } = log({});
  logger.info('running', { inputs: 1 });
  componentLog(logger, 'search').warn('a write failed and will be tried again', { attempt: 2 });
  const [first, second] = lines().map((line) => JSON.parse(line));
  t.like(first, { level: 'info', message: 'running', inputs: 1 });
  t.like(second, { level: 'warn', message: 'a write failed and will be tried again', component: 'search', attempt: 2 });
  t.false(Number.isNaN(Date.parse(first.timestamp)));
});

test('as text it is one line for a person, that cannot steer a terminal', (t) => {
  const { logger, lines } = log({ format: 'text' });
  componentLog(logger, 'search').error('could not close', { error: 'no\n\u001b[2Jspace', open: [1, 2] });
  t.regex(lines().join('\n'), /^\d{4}-\d\d-\d\dT[\d:.]+Z error \[search\] could not close error=no ⏎ \\x1b\[2Jspace open=\[1,2\]$/);
});

test('a terminal gets text in colours, unless JSON is asked for', (t) => {
  const text = log({}, true);
  text.logger.warn('x');
  t.regex(text.lines().join(), /Z \u001b\[33mwarn\u001b\[39m x$/);
  const json = log({ format: 'json' }, true);
  json.logger.warn('x');
  t.like(JSON.parse(json.lines().join()), { level: 'warn', message: 'x' });
});

test('what is less severe than the level is left out', (t) => {
  const { logger, lines } = log({ level: 'warn' });
  const component = componentLog(logger, 'x');
  component.debug('1');
  component.info('2');
  component.warn('3');
  component.error('4');
  t.deepEqual(
    lines().map((line) => JSON.parse(line).message),
    ['3', '4'],
  );
});

test('the same message is written so many times a minute', (t) => {
  const { logger, lines } = log({ repeats_per_minute: 2 });
  for (let i = 0; i < 5; i++) {
    logger.warn('again', { i });
    componentLog(logger, 'other').warn('again', { i });
  }
  logger.warn('something else');
  t.deepEqual(
    lines()
      .map((line) => JSON.parse(line))
      .map(({ component, message, i }) => [component, message, i]),
    [
      [undefined, 'again', 0],
      ['other', 'again', 0],
      [undefined, 'again', 1],
      ['other', 'again', 1],
      [undefined, 'something else', undefined],
    ],
  );
});

test('a minute later it is written again, with how many were held back', (t) => {
  let now = 0;
  const limit = repeatLimit(2, () => now);
  const say = (message = 'again') => limit({ level: 'warn', message });
  t.deepEqual([say(), say(), say(), say()].map(Boolean), [true, true, false, false]);
  now = 59_999;
  t.false(say());
  now = 60_000;
  t.like(say(), { message: 'again', held_back: 3 });
  now = 120_000;
  t.is((say() as winston.Logform.TransformableInfo)['held_back'], undefined);
});

test('messages without end do not fill the memory, and are all written', (t) => {
  const limit = repeatLimit(1, () => 0);
  for (let i = 0; i < 5000; i++) t.truthy(limit({ level: 'warn', message: `${i}` }));
});
