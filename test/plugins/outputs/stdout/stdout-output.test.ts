import { PassThrough, Writable } from 'node:stream';
import test from 'ava';
import { stdoutConfig } from '../../../../plugins/outputs/stdout/config.js';
import { plugin } from '../../../../plugins/outputs/stdout/index.js';
import { StdoutOutput } from '../../../../plugins/outputs/stdout/stdout-output.js';
import type { LogRecord } from '../../../../src/record/record.js';
import { record } from '../../../record/sample.js';

// What the terminal of whoever runs the tests wants must not matter.
delete process.env['NO_COLOR'];

function output(stream: object, format?: string): StdoutOutput {
  return new StdoutOutput(stdoutConfig.parse({ format }), stream as NodeJS.WriteStream);
}

/** What a stream gets for these records. */
async function written(records: readonly LogRecord[], { format, isTTY = false }: { format?: string; isTTY?: boolean }): Promise<string> {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY });
  const stdout = output(stream, format);
  await stdout.open();
  await stdout.write(records.map((one) => stdout.encode([one])));
  await stdout.close();
  return String(stream.read());
}

const TIME = Date.UTC(2026, 2, 2, 10, 11, 12, 123);
const failure = record('Instance failed to spawn', {
  timestamp: TIME,
  level: 'ERROR',
  logger: 'nova.compute.manager',
  label: 'instance.failure',
  error: { type: 'KeyError', message: 'x', stackTrace: 'Traceback\n  File\nKeyError: x' },
});
const plain = record('hello', { timestamp: Number.NaN });

for (const [into, options] of [
  ['a pipe', {}],
  ['a terminal, where the configuration says so', { format: 'ndjson', isTTY: true }],
] as const) {
  test(`one JSON document a record goes into ${into}`, async (t) => {
    const text = await written([failure, plain], options);
    const documents = text.trimEnd().split('\n');
    t.deepEqual(
      documents.map((line) => JSON.parse(line)).map(({ message, trilog }) => [message, trilog.label]),
      [
        ['Instance failed to spawn', 'instance.failure'],
        ['hello', 'unclassified'],
      ],
    );
    t.true(text.endsWith('\n'));
  });
}

test('readable lines go into a pipe without colours, where the configuration says so', async (t) => {
  t.is(
    await written([failure, plain], { format: 'pretty' }),
    [
      '2026-03-02 10:11:12.123 ERROR    instance.failure           nova.compute.manager Instance failed to spawn  (+ traceback of 3 lines)\n',
      '----------------------- -        unclassified               nova-compute hello\n',
    ].join(''),
  );
});

test.serial('a terminal gets readable lines in colours, without them where NO_COLOR is set', async (t) => {
  const colored = await written([failure], { isTTY: true });
  t.true(colored.includes('\u001b[31mERROR'));
  t.true(colored.includes('\u001b[36minstance.failure'));
  process.env['NO_COLOR'] = '1';
  t.teardown(() => delete process.env['NO_COLOR']);
  t.is(await written([failure], { isTTY: true }), await written([failure], { format: 'pretty' }));
});

test('log text cannot steer the terminal, nor pass for another line', async (t) => {
  const hostile = record('a\u001b[2Jb\nc\r\u009b31m\u202ed', { logger: 'x\u001b]0;title\u0007' });
  const text = await written([hostile], { format: 'pretty' });
  t.notRegex(text.trimEnd(), /[\u0000-\u001f\u007f-\u009f\u202e]/);
  t.true(text.endsWith('x\\x1b]0;title\\x07 a\\x1b[2Jb ⏎ c\\x0d\\x9b31m\\x202ed\n'));
  const json = await written([hostile], { format: 'ndjson' });
  t.notRegex(json.trimEnd(), /[\u0000-\u001f]/);
  t.is(JSON.parse(json).message, hostile.message);
});

test('a write waits for the stream, and fails with it', async (t) => {
  let taken = (_?: Error): void => {};
  const stream = new Writable({
    write: (_chunk, _encoding, done) => {
      taken = done;
    },
  }).on('error', () => {});
  const stdout = output(stream);
  let settled = false;
  const first = stdout.write([stdout.encode([plain])]).then((rejections) => {
    settled = true;
    return rejections;
  });
  await new Promise((resolve) => setImmediate(resolve));
  t.false(settled);
  taken();
  t.deepEqual(await first, []);
  const second = stdout.write([stdout.encode([plain])]);
  taken(new Error('gone'));
  await t.throwsAsync(second, { message: 'gone' });
});

test('an unknown format is refused', (t) => {
  t.false(plugin.config.safeParse({ format: 'xml' }).success);
});
