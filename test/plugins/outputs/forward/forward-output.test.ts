import { once, setMaxListeners } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { readFrame } from '../../../../plugins/forward/frame.js';
import { Reader } from '../../../../plugins/forward/msgpack-read.js';
import { config as inputConfig } from '../../../../plugins/inputs/forward/config.js';
import { ForwardInput } from '../../../../plugins/inputs/forward/forward-input.js';
import { forwardOutputConfig } from '../../../../plugins/outputs/forward/config.js';
import { ForwardOutput } from '../../../../plugins/outputs/forward/forward-output.js';
import { record } from '../../../record/sample.js';
import { makeCertificate } from '../../../stages/llm/certificate.js';
import { context } from '../../context.js';
import { Peer, packed } from '../../forward/peer.js';

const NEVER = new AbortController().signal;
// Every test of this file waits with it.
setMaxListeners(0, NEVER);

/** A server of which the test says what it answers. */
class Scripted {
  readonly peers: Peer[] = [];
  private constructor(readonly server: Server) {}

  static async start(t: ExecutionContext): Promise<Scripted> {
    const server = createServer((socket) => {
      scripted.peers.push(new Peer(socket));
      server.emit('peer');
    });
    const scripted = new Scripted(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => {
      server.close();
      for (const peer of scripted.peers) peer.close();
    });
    return scripted;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async peer(index: number): Promise<Peer> {
    while (this.peers[index] === undefined) await once(this.server, 'peer');
    return this.peers[index];
  }
}

async function outputOf(t: ExecutionContext, keys: Record<string, unknown>): Promise<ForwardOutput & { counts: Map<string, number> }> {
  const own = context();
  const output = new ForwardOutput(forwardOutputConfig.parse(keys), own);
  await output.open();
  t.teardown(() => output.close());
  return Object.assign(output, { counts: own.counts });
}

function messagesIn(bytes: Buffer | null): { tag: string; chunk: string | null; messages: string[] } {
  const frame = readFrame(bytes ?? Buffer.alloc(0));
  if (frame === null) return { tag: '', chunk: null, messages: [] };
  const reader = new Reader(frame.isCompressed ? gunzipSync(frame.entries) : frame.entries);
  const messages: string[] = [];
  while (!reader.isDone) messages.push((reader.value() as [unknown, { message: string }])[1].message);
  return { tag: frame.tag, chunk: frame.chunk, messages };
}

for (const compression of ['none', 'gzip'])
  test(`a write is over when the server has acknowledged the chunk, compression ${compression}`, async (t) => {
    const server = await Scripted.start(t);
    const output = await outputOf(t, { servers: [server.address], compression });
    let over = false;
    const write = output.write([output.encode([record('a'), record('b')]), output.encode([record('c')])], NEVER).then((dead) => {
      over = true;
      return dead;
    });
    const peer = await server.peer(0);
    const { tag, chunk, messages } = messagesIn(await peer.bytes());
    t.deepEqual([tag, messages], ['openstack', ['a', 'b', 'c']]);
    t.false(over);
    peer.send(packed({ ack: chunk }));
    t.deepEqual(await write, []);
  });

test('an acknowledgement of something else is none', async (t) => {
  const server = await Scripted.start(t);
  const output = await outputOf(t, { servers: [server.address], ack_timeout_ms: 100 });
  const write = output.write([output.encode([record('a')])], NEVER);
  const peer = await server.peer(0);
  await peer.bytes();
  peer.send(packed({ ack: 'other' }));
  await t.throwsAsync(write, { message: /not acknowledged within 100 ms/ });
});

test('what is sent again has the same chunk id, and what was acknowledged before is not sent again', async (t) => {
  const server = await Scripted.start(t);
  const output = await outputOf(t, { servers: [server.address], tag: '{label}' });
  const parcels = [output.encode([record('a', { label: 'x.a' }), record('b', { label: 'x.b' })])];
  const first = output.write(parcels, NEVER);
  const one = await server.peer(0);
  const [a, b] = [messagesIn(await one.bytes()), messagesIn(await one.bytes())];
  t.deepEqual([a.messages, b.messages], [['a'], ['b']]);
  one.send(packed({ ack: a.chunk }));
  one.socket.end();
  await t.throwsAsync(first, { message: /closed the connection/ });
  const second = output.write(parcels, NEVER);
  const two = await server.peer(1);
  const again = messagesIn(await two.bytes());
  t.deepEqual(again, b);
  two.send(packed({ ack: again.chunk }));
  t.deepEqual(await second, []);
});

test('a connection that the server has closed meanwhile is made anew without a failure', async (t) => {
  const server = await Scripted.start(t);
  const output = await outputOf(t, { servers: [server.address] });
  for (const index of [0, 1]) {
    const write = output.write([output.encode([record(`m${index}`)])], NEVER);
    const peer = await server.peer(index);
    const { chunk, messages } = messagesIn(await peer.bytes());
    t.deepEqual(messages, [`m${index}`]);
    peer.send(packed({ ack: chunk }));
    await write;
    peer.close();
  }
  t.is(output.counts.get('failovers'), undefined);
});

test('a server that fails is followed by the next, and the first is taken again later', async (t) => {
  const [first, second] = [await Scripted.start(t), await Scripted.start(t)];
  const own = context();
  let now = 0;
  const output = new ForwardOutput(
    forwardOutputConfig.parse({ servers: [first.address, second.address], return_after_ms: 1000 }),
    own,
    () => now,
  );
  await output.open();
  t.teardown(() => output.close());
  const served = async (write: Promise<unknown>, peer: Peer): Promise<void> => {
    peer.send(packed({ ack: messagesIn(await peer.bytes()).chunk }));
    await write;
  };
  let write = output.write([output.encode([record('a')])], NEVER);
  (await first.peer(0)).close();
  await served(write, await second.peer(0));
  t.is(own.counts.get('failovers'), 1);
  write = output.write([output.encode([record('b')])], NEVER);
  await served(write, await second.peer(0));
  now = 1000;
  write = output.write([output.encode([record('c')])], NEVER);
  await served(write, await first.peer(1));
});

test('where no server can be reached, all are named', async (t) => {
  const gone = await Scripted.start(t);
  const { address } = gone;
  gone.server.close();
  const output = await outputOf(t, { servers: [address, 'localhost:1'] });
  const error = await t.throwsAsync(output.write([output.encode([record('a')])], NEVER));
  t.true(error?.message.includes(`${address}: `) && error.message.includes('localhost:1: '));
  await t.throwsAsync(output.check(NEVER), { message: /localhost:1/ });
});

test('without require_ack a write is over when it is sent, and asks for nothing', async (t) => {
  const server = await Scripted.start(t);
  const output = await outputOf(t, { servers: [server.address], require_ack: false });
  t.deepEqual(await output.write([output.encode([record('a')])], NEVER), []);
  t.deepEqual(messagesIn(await (await server.peer(0)).bytes()), { tag: 'openstack', chunk: null, messages: ['a'] });
});

test('giving up ends a write that waits', async (t) => {
  const server = await Scripted.start(t);
  const output = await outputOf(t, { servers: [server.address] });
  const stop = new AbortController();
  const write = output.write([output.encode([record('a')])], stop.signal);
  await (await server.peer(0)).bytes();
  stop.abort();
  await t.throwsAsync(write, { any: true });
});

const ANSWERS: readonly (readonly [string, Record<string, unknown>, Buffer, RegExp])[] = [
  ['no acknowledgement', {}, packed({ x: 1 }), /something else than acknowledgements/],
  ['a HELO where no key is configured', {}, packed(['HELO', {}]), /wants a shared_key/],
  ['bytes without end', {}, Buffer.from([0xdb, 0x7f, 0xff, 0xff, 0xff]), /more than 65536 bytes/],
  ['no HELO', { shared_key: 'k' }, packed({ ack: 'x' }), /no message of a handshake|does not begin with a HELO/],
];
for (const [title, keys, bytes, message] of ANSWERS)
  test(`a server that answers ${title} is told apart`, async (t) => {
    const server = await Scripted.start(t);
    const output = await outputOf(t, { servers: [server.address], ...keys });
    const write = output.write([output.encode([record('a')])], NEVER);
    (await server.peer(0)).send(bytes);
    await t.throwsAsync(write, { message });
  });

/** trilog's own input, whose blocks are settled as they come. */
async function ownServer(t: ExecutionContext, keys: Record<string, unknown>): Promise<{ address: string; lines: string[] }> {
  const input = new ForwardInput(inputConfig.parse({ listen: '127.0.0.1:0', ...keys }), context({ host: 'control01' }));
  await input.open();
  const stopping = new AbortController();
  const lines: string[] = [];
  const reading = (async () => {
    for await (const block of input.read(stopping.signal)) {
      lines.push(...block.lines);
      input.settled(block.source, block.end);
    }
  })();
  t.teardown(async () => {
    stopping.abort();
    await reading;
    await input.close();
  });
  return { address: `127.0.0.1:${input.address.port}`, lines };
}

const users = [{ username: 'alice', password: 'secret' }];
const LOGINS: readonly (readonly [string, Record<string, unknown>, RegExp | null])[] = [
  ['the right key and user', { shared_key: 'k', username: 'alice', password: 'secret' }, null],
  ['a wrong key', { shared_key: 'other', username: 'alice', password: 'secret' }, /refuses this client: shared_key mismatch/],
  ['a wrong password', { shared_key: 'k', username: 'alice', password: 'x' }, /refuses this client: username\/password mismatch/],
  ['no key', {}, /wants a shared_key/],
];
for (const [title, keys, message] of LOGINS)
  test(`with ${title} ${message === null ? 'records arrive' : 'the reason is said'}`, async (t) => {
    const server = await ownServer(t, { shared_key: 'k', users });
    const output = await outputOf(t, { servers: [server.address], ...keys });
    const write = output.write([output.encode([record('a')])], NEVER);
    if (message !== null) {
      await t.throwsAsync(write, { message });
      return;
    }
    t.deepEqual(await write, []);
    t.is(server.lines.length, 1);
    await output.check(NEVER);
  });

test('over TLS records arrive; a server that the authority did not sign is refused', async (t) => {
  const { cert, key, ca } = await makeCertificate();
  const folder = context().dataDir;
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const server = await ownServer(t, { tls: { certificate_file: file('cert.pem', cert), key_file: file('key.pem', key) } });
  const trusting = await outputOf(t, { servers: [server.address], tls: { ca_file: file('ca.pem', ca) } });
  t.deepEqual(await trusting.write([trusting.encode([record('a')])], NEVER), []);
  const other = await makeCertificate();
  const wary = await outputOf(t, { servers: [server.address], tls: { ca_file: file('other.pem', other.ca) } });
  await t.throwsAsync(wary.write([wary.encode([record('a')])], NEVER), { message: /certificate/ });
  t.is(server.lines.length, 1);
});
