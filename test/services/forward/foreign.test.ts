import { spawn } from 'node:child_process';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { config as inputConfig } from '../../../plugins/inputs/forward/config.js';
import { ForwardInput } from '../../../plugins/inputs/forward/forward-input.js';
import { forwardOutputConfig } from '../../../plugins/outputs/forward/config.js';
import { ForwardOutput } from '../../../plugins/outputs/forward/forward-output.js';
import { context } from '../../plugins/context.js';
import { record } from '../../record/sample.js';
import { freePorts } from '../kafka/free-ports.js';
import { requireOf } from '../node-packages.js';
import { pythonPackages } from '../python-packages.js';

/** As much of @fluent-org/logger as these tests use. */
interface FluentLogger {
  readonly FluentClient: new (
    prefix: string,
    options: Record<string, unknown>,
  ) => {
    emit(label: string, data: unknown): Promise<void>;
    disconnect(): Promise<void>;
    socketOn(event: string, listener: (error: Error) => void): void;
  };
  readonly FluentServer: new (
    options: Record<string, unknown>,
  ) => {
    listen(): Promise<void>;
    close(): Promise<void>;
    on(event: 'entry', listener: (tag: string, time: unknown, record: unknown) => void): void;
  };
}
const fluentLogger = async (): Promise<FluentLogger> =>
  (await requireOf('@fluent-org/logger', '1.0.10'))('@fluent-org/logger') as FluentLogger;

const RECORDS = 2000;
const KEY = { shared_key: 'key', users: [{ username: 'alice', password: 'secret' }] };

/** trilog's input, of which every block is settled as soon as it is read; what it read. */
async function inputOf(
  t: ExecutionContext,
  keys: Record<string, unknown>,
): Promise<{ port: number; lines: string[]; heard: (count: number) => Promise<void> }> {
  const input = new ForwardInput(inputConfig.parse({ listen: '127.0.0.1:0', ...keys }), context({ host: 'control01' }));
  await input.open();
  const stopping = new AbortController();
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const reading = (async () => {
    for await (const block of input.read(stopping.signal)) {
      lines.push(...block.lines);
      input.settled(block.source, block.end);
      for (const look of waiting) look();
    }
  })();
  t.teardown(async () => {
    stopping.abort();
    await reading;
    await input.close();
  });
  const heard = async (count: number): Promise<void> => {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (lines.length >= count) resolve();
      };
      waiting.add(look);
      look();
    });
  };
  return { port: input.address.port, lines, heard };
}

for (const eventMode of ['Message', 'Forward', 'PackedForward', 'CompressedPackedForward'])
  test(`@fluent-org/logger sends in ${eventMode} with the shared key and a user, and is told that all is stored`, async (t) => {
    const { FluentClient } = await fluentLogger();
    const { port, lines } = await inputOf(t, KEY);
    const client = new FluentClient('app', {
      eventMode,
      ack: { ackTimeout: 60_000 },
      milliseconds: true,
      socket: { host: '127.0.0.1', port, timeout: 10_000 },
      security: { clientHostname: 'compute01', sharedKey: 'key', username: 'alice', password: 'secret' },
    });
    // Each resolves when its chunk is acknowledged.
    await Promise.all(Array.from({ length: RECORDS }, (_, i) => client.emit('x', { log: `number ${i}` })));
    await client.disconnect();
    t.deepEqual(new Set(lines), new Set(Array.from({ length: RECORDS }, (_, i) => `number ${i}`)));
  });

test('@fluent-org/logger with a wrong key is told so', async (t) => {
  const { FluentClient } = await fluentLogger();
  const { port, lines } = await inputOf(t, KEY);
  const client = new FluentClient('app', {
    socket: { host: '127.0.0.1', port, timeout: 10_000 },
    security: { clientHostname: 'compute01', sharedKey: 'other', username: 'alice', password: 'secret' },
  });
  const told = new Promise<Error>((resolve) => client.socketOn('error', resolve));
  client.emit('x', { log: 'never' }).catch(() => {});
  t.regex(String(await told), /shared_key mismatch/);
  t.deepEqual(lines, []);
  client.disconnect().catch(() => {});
});

test("Python's fluent-logger sends, text that is no ASCII too", async (t) => {
  const folder = await pythonPackages([
    { name: 'fluent-logger', version: '0.11.1' },
    { name: 'msgpack', version: '1.1.0' },
  ]);
  const { port, lines, heard } = await inputOf(t, {});
  const program = `
import sys
from fluent import sender
s = sender.FluentSender('app', host='127.0.0.1', port=int(sys.argv[1]), nanosecond_precision=True)
for i in range(${RECORDS}):
    assert s.emit('x', {'message': 'n\\u00famero %d' % i, 'n': i}), s.last_error
s.close()
`;
  const child = spawn('python3', ['-c', program, String(port)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PYTHONPATH: folder },
  });
  t.deepEqual(await once(child, 'close'), [0, null]);
  await heard(RECORDS);
  t.deepEqual(
    lines,
    Array.from({ length: RECORDS }, (_, i) => `número ${i}`),
  );
});

for (const compression of ['none', 'gzip'])
  test(`the server of @fluent-org/logger takes what trilog sends, compression ${compression}`, async (t) => {
    const { FluentServer } = await fluentLogger();
    const [port] = await freePorts(1);
    const entries: [string, unknown][] = [];
    const server = new FluentServer({
      keepalive: true,
      listenOptions: { port, host: '127.0.0.1' },
      security: { serverHostname: 'control01', sharedKey: 'key', authorize: true, userDict: { alice: 'secret' } },
    });
    server.on('entry', (tag, _, entry) => entries.push([tag, entry]));
    await server.listen();
    const keys = {
      servers: [`127.0.0.1:${port}`],
      shared_key: 'key',
      username: 'alice',
      password: 'secret',
      compression,
      tag: 'os.{label}',
    };
    const output = new ForwardOutput(forwardOutputConfig.parse(keys), context());
    await output.open();
    await output.check(new AbortController().signal);
    const records = Array.from({ length: RECORDS }, (_, i) =>
      record(`number ${i}`, { label: i % 2 === 0 ? 'instance.failure' : 'auth.failure', offset: i }),
    );
    t.deepEqual(
      await output.write([output.encode(records.slice(0, 700)), output.encode(records.slice(700))], new AbortController().signal),
      [],
    );
    await output.close();
    // It acknowledges before it hands an entry on.
    while (entries.length < RECORDS) await new Promise((resolve) => setImmediate(resolve));
    await server.close();
    t.is(entries.length, RECORDS);
    const messages = entries.map(([tag, entry]) => `${tag} ${(entry as { message: string }).message}`);
    t.deepEqual(messages.sort(), records.map(({ label, message }) => `os.${label} ${message}`).sort());
    const wrong = new ForwardOutput(forwardOutputConfig.parse({ ...keys, shared_key: 'other' }), context());
    await wrong.open();
    await t.throwsAsync(wrong.check(new AbortController().signal));
  });
