import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { generate } from 'selfsigned';
import { ping, readHandshake, readHelo } from '../../../../plugins/forward/handshake.js';
import { config } from '../../../../plugins/inputs/forward/config.js';
import { ForwardInput } from '../../../../plugins/inputs/forward/forward-input.js';
import { PieceWriter } from '../../../../plugins/outputs/forward/chunks.js';
import { Joiner } from '../../../../src/record/joiner.js';
import type { LineBlock } from '../../../../src/record/source.js';
import { record } from '../../../record/sample.js';
import { context } from '../../context.js';
import { arrayOf, eventTime, Peer, packed } from '../../forward/peer.js';

const TIME = 1_772_446_272;
const LINE = '2026-03-02 10:11:12.123 7 INFO nova.compute.manager [-] up';

/** An input that listens, and the blocks that come out of it, which the test settles. */
class Listening {
  readonly context = context();
  readonly stopping = new AbortController();
  readonly input: ForwardInput;
  readonly #blocks: AsyncIterator<LineBlock>;

  private constructor(keys: Record<string, unknown>) {
    this.input = new ForwardInput(config.parse({ listen: '127.0.0.1:0', ...keys }), this.context);
    this.#blocks = this.input.read(this.stopping.signal)[Symbol.asyncIterator]();
  }

  static async start(t: ExecutionContext, keys: Record<string, unknown> = {}): Promise<Listening> {
    const listening = new Listening(keys);
    await listening.input.open();
    t.teardown(() => listening.input.close());
    return listening;
  }

  async peer(t: ExecutionContext): Promise<Peer> {
    const peer = await Peer.to(this.input.address.port);
    t.teardown(() => peer.close());
    return peer;
  }

  /** The next block; asking for the one after it, as the pipeline does. */
  #ahead: Promise<IteratorResult<LineBlock>> | null = null;
  async next(): Promise<LineBlock> {
    const result = await (this.#ahead ?? this.#blocks.next());
    if (result.done === true) throw new Error('the input has ended');
    this.#ahead = this.#blocks.next();
    return result.value;
  }

  async ends(): Promise<boolean> {
    return (await (this.#ahead ?? this.#blocks.next())).done === true;
  }

  settle(...blocks: readonly LineBlock[]): void {
    for (const { source, end } of blocks) this.input.settled(source, end);
  }
}

const single = (tag: string, record: unknown, option?: unknown): Buffer =>
  arrayOf(packed(tag), packed(TIME), packed(record), ...(option === undefined ? [] : [packed(option)]));
const entry = (record: unknown): Buffer => arrayOf(eventTime(TIME * 1000 + 5), packed(record));
const chunk = (entries: Buffer, option: unknown, tag = 'nova'): Buffer => arrayOf(packed(tag), packed(entries), packed(option));

const MODES: readonly (readonly [string, Buffer])[] = [
  ['Message', single('nova', { log: LINE }, { chunk: 'c' })],
  ['Forward', arrayOf(packed('nova'), arrayOf(entry({ log: LINE })), packed({ chunk: 'c' }))],
  ['PackedForward', chunk(entry({ log: LINE }), { chunk: 'c', size: 1 })],
  ['CompressedPackedForward', chunk(gzipSync(entry({ log: LINE })), { chunk: 'c', compressed: 'gzip' })],
  [
    "Fluent Bit's form with metadata",
    chunk(arrayOf(arrayOf(eventTime(TIME * 1000 + 5), packed({})), packed({ log: LINE })), { chunk: 'c' }),
  ],
];
for (const [title, bytes] of MODES)
  test(`${title}: a line arrives, and is acknowledged when it is stored and not before`, async (t) => {
    const listening = await Listening.start(t);
    const peer = await listening.peer(t);
    peer.send(bytes);
    const block = await listening.next();
    t.deepEqual([block.lines, block.offsets, block.last, block.source.name], [[LINE], [0], true, 'nova']);
    t.is(Math.floor((block.times?.[0] ?? 0) / 1000), TIME);
    // Whatever comes next has been read, so an acknowledgement would have been sent by now.
    peer.send(single('other', { log: 'x' }));
    await listening.next();
    t.true(peer.heardNothing);
    listening.settle(block);
    t.deepEqual(await peer.hears(), { ack: 'c' });
  });

test('a message byte by byte, and several in one piece, are the same to it', async (t) => {
  const listening = await Listening.start(t);
  const peer = await listening.peer(t);
  const bytes = Buffer.concat([single('a', { log: 'one' }, { chunk: '1' }), single('a', { log: 'two' }, { chunk: '2' })]);
  for (const byte of bytes) peer.send(Buffer.from([byte]));
  peer.send(bytes.subarray(0, bytes.length / 2), packed(null));
  t.deepEqual((await listening.next()).lines, ['one']);
  t.deepEqual((await listening.next()).lines, ['two']);
  t.is(listening.context.counts.get('chunks_repeated'), 1);
});

test('a chunk that comes again has the ids that it had, on any connection and after a restart; other chunks have others', async (t) => {
  const sources: string[] = [];
  for (const id of ['c', 'c', 'd']) {
    const listening = await Listening.start(t);
    const peer = await listening.peer(t);
    peer.send(chunk(Buffer.concat([entry({ log: 'a' }), entry({ log: 'b' })]), { chunk: id }));
    const block = await listening.next();
    t.deepEqual(block.offsets, [0, 1]);
    sources.push(block.source.id);
  }
  t.is(sources[0], sources[1]);
  t.not(sources[0], sources[2]);
});

test('a chunk that comes again while it is on its way is not read twice, and both senders are told', async (t) => {
  const listening = await Listening.start(t);
  const [first, second, other] = [await listening.peer(t), await listening.peer(t), await listening.peer(t)];
  first.send(chunk(entry({ log: 'a' }), { chunk: 'c' }));
  const block = await listening.next();
  second.send(chunk(entry({ log: 'a' }), { chunk: 'c' }), single('t', { log: 'after' }));
  t.deepEqual((await listening.next()).lines, ['after']);
  other.send(chunk(entry({ log: 'something else' }), { chunk: 'c' }));
  t.deepEqual((await listening.next()).lines, ['something else'], 'the same id for something else is not the same');
  t.true(first.heardNothing && second.heardNothing && other.heardNothing);
  listening.settle(block);
  t.deepEqual([await first.hears(), await second.hears()], [{ ack: 'c' }, { ack: 'c' }]);
  t.true(other.heardNothing);
});

test('a chunk of several writers is acknowledged when all of them are settled', async (t) => {
  const listening = await Listening.start(t);
  const peer = await listening.peer(t);
  const lines = [0, 1, 2, 3, 4].map((i) => entry({ log: `line ${i}`, host: `h${i % 2}`, path: '/var/log/nova/nova-api.log' }));
  peer.send(chunk(Buffer.concat(lines), { chunk: 'c' }));
  const [one, two] = [await listening.next(), await listening.next()];
  t.deepEqual([one.source.host, one.lines, one.offsets], ['h0', ['line 0', 'line 2', 'line 4'], [0, 2, 4]]);
  t.deepEqual(
    [two.source.host, two.lines, two.source.program, two.source.name],
    ['h1', ['line 1', 'line 3'], 'nova-api', '/var/log/nova/nova-api.log'],
  );
  t.is(one.source.id, two.source.id);
  listening.settle(two);
  peer.send(single('t', { log: 'x' }));
  await listening.next();
  t.true(peer.heardNothing);
  listening.settle(one);
  t.deepEqual(await peer.hears(), { ack: 'c' });
});

test('a large chunk goes in blocks; only the last of them settles it', async (t) => {
  const listening = await Listening.start(t);
  const peer = await listening.peer(t);
  const text = 'x'.repeat(100_000);
  peer.send(chunk(Buffer.concat(Array.from({ length: 5 }, () => entry({ log: text }))), { chunk: 'c' }));
  const [first, second] = [await listening.next(), await listening.next()];
  t.deepEqual([first.offsets, first.last, second.offsets, second.last], [[0, 1, 2], undefined, [3, 4], true]);
  listening.settle(first, second);
  t.deepEqual(await peer.hears(), { ack: 'c' });
});

test('an empty chunk, metrics, and marks of groups are acknowledged without records', async (t) => {
  const listening = await Listening.start(t);
  const peer = await listening.peer(t);
  peer.send(chunk(Buffer.alloc(0), { chunk: 'empty' }), chunk(Buffer.from('no entries at all'), { chunk: 'metrics', fluent_signal: 1 }));
  const mark = (seconds: number): Buffer => arrayOf(arrayOf(packed(seconds), packed({})), packed({}));
  peer.send(chunk(Buffer.concat([mark(-1), mark(-2)]), { chunk: 'group' }), packed(null));
  const end = listening.next();
  t.deepEqual([await peer.hears(), await peer.hears(), await peer.hears()], [{ ack: 'empty' }, { ack: 'metrics' }, { ack: 'group' }]);
  peer.send(single('t', { log: 'x' }));
  t.deepEqual((await end).lines, ['x']);
  t.is(listening.context.counts.get('heartbeats'), 1);
});

const REFUSED: readonly (readonly [string, Buffer, RegExp | null])[] = [
  ['no MessagePack', Buffer.from([0xc1]), null],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), null],
  ['a number', packed(5), null],
  ['a tag that is none', packed([1, 2, {}]), null],
  ['no record', packed(['t', 5]), null],
  ['a length beyond all bounds', Buffer.from([0x93, 0xa1, 0x74, 0xc6, 0xff, 0xff, 0xff, 0xff]), null],
  ['an entry that is not whole', chunk(entry({ log: 'x' }).subarray(0, -1), { chunk: 'c' }), null],
  ['gzip that is none', chunk(Buffer.from('x'), { chunk: 'c', compressed: 'gzip' }), null],
  ['gzip that is cut off', chunk(gzipSync(entry({ log: 'x' })).subarray(0, -9), { chunk: 'c', compressed: 'gzip' }), null],
  ['a compression that is not known', chunk(entry({ log: 'x' }), { chunk: 'c', compressed: 'zstd' }), null],
  ['a bomb', chunk(gzipSync(Buffer.alloc(1_000_000, 0xc0)), { chunk: 'c', compressed: 'gzip' }), null],
];
for (const [title, bytes] of REFUSED)
  test(`a sender of ${title} is cut off without an acknowledgement, and the others go on`, async (t) => {
    const listening = await Listening.start(t, { max_decompressed_bytes: 65_536 });
    const [bad, good] = [await listening.peer(t), await listening.peer(t)];
    bad.send(bytes);
    const next = listening.next();
    t.is(await bad.hears(), null);
    t.is(listening.context.counts.get('malformed_messages'), 1);
    good.send(single('t', { log: 'x' }));
    t.deepEqual((await next).lines, ['x']);
  });

const RECORDS: readonly (readonly [
  string,
  unknown,
  Partial<{ line: string; host: string; program: string; name: string; fields: unknown }>,
])[] = [
  [
    "of Fluent Bit's tail",
    { log: `${LINE}\n`, path: '/var/log/nova/nova-api.log' },
    { line: LINE, program: 'nova-api', name: '/var/log/nova/nova-api.log' },
  ],
  [
    'with what a filter added',
    { log: LINE, stream: 'stderr', kubernetes: { pod_name: 'p' } },
    { line: LINE, fields: { stream: 'stderr', kubernetes: { pod_name: 'p' } } },
  ],
  ['of the journal', { MESSAGE: LINE, _HOSTNAME: 'h9', SYSLOG_IDENTIFIER: 'nova-api' }, { line: LINE, host: 'h9', program: 'nova-api' }],
  [
    'of kolla',
    { Payload: 'up', log_level: 'INFO', Hostname: 'h9', programname: 'nova-api' },
    { line: '{"Payload":"up","log_level":"INFO","Hostname":"h9","programname":"nova-api"}', host: 'h9', program: 'nova-api' },
  ],
  [
    'of oslo.log',
    { message: 'up', levelname: 'INFO', filename: 'manager.py' },
    { line: '{"message":"up","levelname":"INFO","filename":"manager.py"}', name: 'tag' },
  ],
  ['of a program that nobody knows', { code: 5 }, { line: '{"code":5}' }],
  ['that is a text', 'just text', { line: 'just text' }],
  ['that is nothing', null, { line: 'null' }],
];
for (const [title, forwarded, expected] of RECORDS)
  test(`a record ${title} becomes a line`, async (t) => {
    const listening = await Listening.start(t);
    const peer = await listening.peer(t);
    peer.send(single('tag', forwarded));
    const { lines, source, fields } = await listening.next();
    const found = { line: lines[0], host: source.host, program: source.program, name: source.name, fields: fields?.get(0) };
    t.deepEqual(found, { line: '', host: 'compute01', program: '', name: 'tag', fields: found.fields, ...expected });
  });

test('with a shared key only who has it gets in', async (t) => {
  const user = { username: 'alice', password: 'secret' };
  const listening = await Listening.start(t, { shared_key: 'key', users: [user], hostname: 'control01' });
  for (const [sharedKey, admitted] of [
    ['key', true],
    ['other', false],
  ] as const) {
    const peer = await listening.peer(t);
    const challenge = readHelo(readHandshake((await peer.bytes()) ?? Buffer.alloc(0)));
    if (challenge === null) return t.fail();
    peer.send(packed(ping({ hostname: 'compute01', sharedKey, user }, challenge)), single('t', { log: 'x' }));
    const [type, answer, reason] = (await peer.hears()) as unknown[];
    t.deepEqual([type, answer, reason], ['PONG', admitted, admitted ? '' : 'shared_key mismatch']);
    if (admitted) t.deepEqual((await listening.next()).lines, ['x']);
    else t.is(await peer.hears(), null);
  }
  const rude = await listening.peer(t);
  await rude.bytes();
  rude.send(single('t', { log: 'without asking' }));
  await rude.hears();
  t.is(await rude.hears(), null);
  t.is(listening.context.counts.get('auth_failures'), 2);
});

test('over TLS a sender needs a certificate where the input has a ca_file', async (t) => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048 });
  const listening = context();
  for (const [name, content] of [
    ['cert.pem', cert],
    ['key.pem', key],
  ] as const)
    writeFileSync(join(listening.dataDir, name), content);
  const tls = {
    certificate_file: join(listening.dataDir, 'cert.pem'),
    key_file: join(listening.dataDir, 'key.pem'),
    ca_file: join(listening.dataDir, 'cert.pem'),
  };
  const server = await Listening.start(t, { tls });
  for (const own of [{}, { cert, key }]) {
    const socket = connectTls({ port: server.input.address.port, host: '127.0.0.1', ca: cert, servername: 'localhost', ...own });
    const peer = new Peer(socket);
    t.teardown(() => peer.close());
    peer.send(chunk(entry({ log: 'x' }), { chunk: 'c' }));
    if (!('cert' in own)) {
      t.is(await peer.hears(), null);
      continue;
    }
    server.settle(await server.next());
    t.deepEqual(await peer.hears(), { ack: 'c' });
  }
  t.is(server.context.counts.get('tls_failures'), 1);
});

test('while nobody reads, senders have to wait, and everything arrives in the end', async (t) => {
  const listening = await Listening.start(t, { buffer_bytes: 65_536 });
  const peer = await listening.peer(t);
  const messages = Array.from({ length: 400 }, (_, i) => single('t', { log: `${i} ${'x'.repeat(50_000)}` }));
  for (const message of messages) peer.send(message);
  // Twenty megabytes are more than the buffer and what the operating system holds of a connection.
  t.true(peer.socket.writableLength > 0);
  const found: string[] = [];
  while (found.length < messages.length) found.push(...(await listening.next()).lines);
  t.deepEqual(
    found.map((line) => Number.parseInt(line, 10)),
    messages.map((_, i) => i),
  );
});

test('many that have begun a long message take turns', async (t) => {
  const listening = await Listening.start(t, { buffer_bytes: 65_536, max_message_bytes: 1_048_576 });
  const peers = await Promise.all(Array.from({ length: 8 }, () => listening.peer(t)));
  for (const [i, peer] of peers.entries()) peer.send(single('t', { log: `${i} ${'x'.repeat(900_000)}` }));
  const found = new Set<string>();
  while (found.size < peers.length) for (const line of (await listening.next()).lines) found.add(line.slice(0, 1));
  t.is(found.size, peers.length);
});

test('a sender that stalls in the middle of a message is cut off, one that only says nothing is not', async (t) => {
  const listening = await Listening.start(t, { stall_timeout_ms: 100 });
  const [stalling, quiet] = [await listening.peer(t), await listening.peer(t)];
  stalling.send(single('t', { log: 'x' }).subarray(0, 5));
  t.is(await stalling.hears(), null);
  quiet.send(single('t', { log: 'x' }));
  t.deepEqual((await listening.next()).lines, ['x']);
});

// By itself: while others hold the thread for a second, a connection with a message on its way is idle, too.
test.serial('one that is idle is cut off where that is wanted, but not while it waits to be told', async (t) => {
  const listening = await Listening.start(t, { idle_timeout_ms: 1000 });
  const waiting = await listening.peer(t);
  waiting.send(chunk(entry({ log: 'x' }), { chunk: 'c' }));
  const block = await listening.next();
  // It has been quiet for less long than the other by the time that it is cut off.
  const idle = await listening.peer(t);
  t.is(await idle.hears(), null);
  listening.settle(block);
  t.deepEqual(await waiting.hears(), { ack: 'c' });
  t.is(await waiting.hears(), null);
});

test('more connections than allowed are closed', async (t) => {
  const listening = await Listening.start(t, { max_connections: 1 });
  await listening.peer(t);
  const second = await listening.peer(t);
  t.is(await second.hears(), null);
  t.is(listening.context.counts.get('connections_refused'), 1);
});

test('a sender that has ended its side is still told', async (t) => {
  const listening = await Listening.start(t);
  const peer = await listening.peer(t);
  peer.socket.end(chunk(entry({ log: 'x' }), { chunk: 'c' }));
  const block = await listening.next();
  listening.settle(block);
  t.deepEqual(await peer.hears(), { ack: 'c' });
  t.is(await peer.hears(), null);
});

test('at the stop what will not be sent again is still read, and what was read can still be acknowledged', async (t) => {
  const listening = await Listening.start(t);
  const [asking, silent] = [await listening.peer(t), await listening.peer(t)];
  asking.send(chunk(entry({ log: 'read' }), { chunk: 'c' }));
  const block = await listening.next();
  asking.send(chunk(entry({ log: 'not read' }), { chunk: 'd' }));
  silent.send(single('t', { log: 'one' }), single('t', { log: 'two' }));
  t.deepEqual((await listening.next()).lines.length > 0, true);
  listening.stopping.abort();
  while (!(await listening.ends())) await listening.next();
  listening.settle(block);
  t.deepEqual(await asking.hears(), { ack: 'c' });
  await listening.input.close();
  t.is(await asking.hears(), null);
});

test('one that waits for its turn does not hold the end up', async (t) => {
  const listening = await Listening.start(t, { buffer_bytes: 65_536, max_message_bytes: 1_048_576 });
  const peers = await Promise.all(Array.from({ length: 3 }, () => listening.peer(t)));
  const long = single('t', { log: 'x'.repeat(900_000) });
  for (const peer of peers) peer.send(long.subarray(0, 700_000));
  // Something of another sender is read, so that the others have been, too.
  const other = await listening.peer(t);
  other.send(single('t', { log: 'x' }));
  await listening.next();
  listening.stopping.abort();
  t.true(await listening.ends());
});

test('what another trilog forwards keeps its fields, and its id as one', async (t) => {
  const listening = await Listening.start(t);
  const peer = await listening.peer(t);
  const error = { type: 'a.B', message: 'c', stackTrace: 'Traceback (most recent call last):\n  x\na.B: c' };
  const sent = record('failed', { level: 'ERROR', logger: 'nova.x', timestamp: TIME * 1000, pid: 7, error, instanceId: 'b9e6' });
  const [piece] = new PieceWriter('ecs', 1000, () => 'x').piecesOf([sent]);
  peer.send(chunk(piece?.entries ?? Buffer.alloc(0), { chunk: 'c' }));
  const block = await listening.next();
  const [read] = new Joiner(block.source, { maxLines: 100, maxBytes: 10_000 }).feed({ ...block, apart: true });
  t.deepEqual(
    [read?.message, read?.level, read?.logger, read?.timestamp, read?.pid, read?.host, read?.program, read?.instanceId, read?.source.name],
    ['failed', 'ERROR', 'nova.x', TIME * 1000, 7, sent.host, sent.program, 'b9e6', sent.source.name],
  );
  t.deepEqual([read?.error?.type, read?.error?.stackTrace], [error.type, error.stackTrace]);
  t.is(read?.fields?.['forwarded_id'], sent.id);
});

test('heartbeats over UDP are answered where that is wanted', async (t) => {
  const listening = await Listening.start(t, { udp_heartbeat: true });
  const socket = createSocket('udp4');
  t.teardown(() => socket.close());
  const answer = once(socket, 'message');
  socket.send(Buffer.from([0]), listening.input.address.port, '127.0.0.1');
  t.deepEqual((await answer)[0], Buffer.from([0]));
});
