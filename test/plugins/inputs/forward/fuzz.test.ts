import { gzipSync } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import { config } from '../../../../plugins/inputs/forward/config.js';
import { ForwardInput } from '../../../../plugins/inputs/forward/forward-input.js';
import { context } from '../../context.js';
import { arrayOf, eventTime, Peer, packed } from '../../forward/peer.js';

const SECONDS = Number(process.env['TRILOG_FUZZ_SECONDS'] ?? 5);
const HUNDRED_MEGABYTES = 100_000_000;

const entries = Buffer.concat(
  ['a', 'b\nc', '{"Payload":"x"}'].map((log) => arrayOf(eventTime(1_772_446_272_000), packed({ log, n: [1, { x: null }] }))),
);
const GOOD = [
  arrayOf(packed('t'), packed(1_772_446_272), packed({ message: 'x' })),
  arrayOf(packed('t'), packed(entries), packed({ chunk: 'a' })),
  arrayOf(packed('t'), packed(gzipSync(entries)), packed({ chunk: 'b', compressed: 'gzip' })),
  arrayOf(packed('t'), arrayOf(arrayOf(arrayOf(packed(1), packed({})), packed({ log: 'x' }))), packed({ chunk: 'c' })),
  packed(['PING', 'h', 's', 'd', '', '']),
];
const HEADS = [0x90, 0x9f, 0x80, 0x8f, 0xc1, 0xc4, 0xc6, 0xc7, 0xc9, 0xd7, 0xd9, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xff];

/** Real messages with a byte or a piece that is another, and bytes of any kind. */
const mutated = fc
  .tuple(fc.constantFrom(...GOOD), fc.nat(), fc.nat(4), fc.oneof(fc.constantFrom(...HEADS), fc.nat(255)), fc.nat(8))
  .map(([bytes, at, drop, byte, repeat]) =>
    Buffer.concat([bytes.subarray(0, at % bytes.length), Buffer.alloc(repeat, byte), bytes.subarray((at % bytes.length) + drop)]),
  );
const anything = fc.oneof(
  mutated,
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(...GOOD),
);

/** Of this thread: the resident memory of the process is that of other tests, too. */
function heldBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test('whatever is sent, the server goes on, in bounded memory', async (t) => {
  const counted = context();
  const input = new ForwardInput(config.parse({ listen: '127.0.0.1:0', max_message_bytes: 65_536, stall_timeout_ms: 1000 }), counted);
  await input.open();
  const stopping = new AbortController();
  let lines = 0;
  const reading = (async () => {
    for await (const block of input.read(stopping.signal)) {
      lines += block.lines.length;
      input.settled(block.source, block.end);
    }
  })();
  const good = await Peer.to(input.address.port);
  const before = heldBytes();
  let runs = 0;
  const property = fc.asyncProperty(fc.array(anything, { minLength: 1, maxLength: 8 }), async (messages) => {
    const peer = await Peer.to(input.address.port);
    peer.send(...messages);
    peer.socket.end();
    while ((await peer.bytes()) !== null);
    peer.close();
    runs++;
    good.send(arrayOf(packed('t'), packed(entries), packed({ chunk: `good ${runs}` })));
    t.deepEqual(await good.hears(), { ack: `good ${runs}` });
  });
  // Not by fast-check's own limit of time, which leaves a run half-way.
  for (const end = performance.now() + SECONDS * 1000; performance.now() < end; ) await fc.assert(property, { numRuns: 25 });
  stopping.abort();
  good.close();
  await reading;
  await input.close();
  t.true(runs > 10 && lines > 3 * runs);
  t.true((counted.counts.get('malformed_messages') ?? 0) > 0);
  t.true(heldBytes() - before < HUNDRED_MEGABYTES);
});
