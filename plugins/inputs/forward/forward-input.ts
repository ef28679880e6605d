import { randomBytes } from 'node:crypto';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type { ComponentContext, Input } from '../../../src/plugin/contract.js';
import type { LineBlock, Source } from '../../../src/record/source.js';
import { addressOf } from '../../forward/address.js';
import type { Frame } from '../../forward/frame.js';
import { BlockMaker } from './blocks.js';
import type { ForwardInputConfig } from './config.js';
import { entriesOf } from './entries.js';
import { MessageQueue, type Queued } from './message-queue.js';
import { type ChunkReceipt, Receipts } from './receipts.js';
import { Sender, type SenderEvents } from './sender.js';
import { Turns } from './turns.js';

/** What waits to be sent when everything ends must not hold the end up. */
const LAST_WORDS_MS = 1000;
/** One kind of trouble is said no more often than that. */
const SAY_EVERY_MS = 60_000;

/** A server of the Forward protocol; see the README for what it guarantees. */
export class ForwardInput implements Input {
  readonly #queue: MessageQueue;
  readonly #receipts = new Receipts();
  readonly #senders = new Set<Sender>();
  readonly #turns: Turns;
  readonly #blocks: BlockMaker;
  /** Of what is settled with its last block: where that ends, and whom it concerns. */
  readonly #lasts = new WeakMap<Source, { readonly end: number; readonly receipt: ChunkReceipt }>();
  readonly #saidAt = new Map<string, number>();
  #server: Server | null = null;
  #heartbeats: UdpSocket | null = null;

  constructor(
    readonly config: ForwardInputConfig,
    readonly context: ComponentContext,
  ) {
    const { buffer_bytes, max_message_bytes, max_line_bytes, format, timezone, program = '', host = context.host } = config;
    this.#queue = new MessageQueue(buffer_bytes);
    this.#turns = new Turns(Math.max(1, Math.floor(buffer_bytes / max_message_bytes)));
    const base = { input: context.name, program, host, timezone, format };
    const count = (name: string, by?: number): void => context.count(name, by);
    this.#blocks = new BlockMaker({ base, maxLineBytes: max_line_bytes, count }, randomBytes(8).toString('hex'));
  }

  /** Where it listens. @throws where it is not open */
  get address(): AddressInfo {
    const address = this.#server?.address();
    if (address === null || address === undefined || typeof address === 'string') throw new Error('the input is not open');
    return address;
  }

  async open(): Promise<void> {
    const { listen, max_connections, udp_heartbeat } = this.config;
    const server = await this.#newServer();
    this.#server = server;
    server.maxConnections = max_connections;
    server.on('drop', () =>
      this.#trouble('connections_refused', 'too many connections; further ones are closed', { most: max_connections }),
    );
    const { host, port } = addressOf(listen);
    server.listen(port, host);
    await once(server, 'listening');
    // A broken connection attempt is the other side's.
    server.on('error', (error) => this.#trouble('accept_errors', 'a connection could not be taken', { error: error.message }));
    if (udp_heartbeat) await this.#answerHeartbeats(host);
  }

  async *read(signal: AbortSignal): AsyncIterable<LineBlock> {
    const stop = (): void => this.#stop();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    for (;;) {
      const message = this.#queue.take();
      if (message === undefined || message.receipt !== null || this.#blocks.isFull) yield* this.#blocks.drain();
      if (message === undefined) {
        if (signal.aborted && (await this.#isQuiet())) return;
        if (!signal.aborted) await this.#queue.something();
        continue;
      }
      // It will be sent again.
      if (signal.aborted && message.receipt !== null) continue;
      const entries = await this.#entries(message);
      if (entries === null) continue;
      if (message.receipt === null) this.#blocks.add(message.frame, entries, message.connection);
      else yield* this.#chunk(message.frame, entries, message.receipt);
    }
  }

  settled(source: Source, position: number): void {
    const last = this.#lasts.get(source);
    if (last === undefined || position < last.end) return;
    this.#lasts.delete(source);
    last.receipt.settled();
  }

  async close(): Promise<void> {
    this.#stop();
    this.#heartbeats?.close();
    const closing = [...this.#senders].map(async ({ socket }) => {
      if (socket.destroyed) return;
      const closed = once(socket, 'close');
      const late = setTimeout(() => socket.destroy(), LAST_WORDS_MS);
      socket.destroySoon();
      await closed;
      clearTimeout(late);
    });
    await Promise.all(closing);
  }

  /** A chunk: its receipt is settled with the last block of each of its sources. */
  *#chunk(frame: Frame, entries: Buffer, receipt: ChunkReceipt): Generator<LineBlock> {
    for (const block of this.#blocks.ofChunk(receipt.id, frame, entries)) {
      if (block.last === true) {
        receipt.opened();
        this.#lasts.set(block.source, { end: block.end, receipt });
      }
      yield block;
    }
    receipt.complete();
  }

  /** Null where they cannot be read: nothing of the message is taken. */
  async #entries(message: Queued): Promise<Buffer | null> {
    const { frame, receipt } = message;
    // Fluent Bit forwards metrics and traces, too, in forms of its own.
    if (frame.signal !== 0) {
      this.#trouble('not_logs', 'metrics or traces came, which are not kept; forward only logs', { tag: frame.tag.slice(0, 200) });
      receipt?.complete();
      return null;
    }
    try {
      return await entriesOf(frame, this.config.max_decompressed_bytes);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (receipt === null) message.refuse(reason);
      else receipt.refuse(reason);
      return null;
    }
  }

  /** Nothing comes in any more; what has come is still read. */
  #stop(): void {
    this.#server?.close();
    for (const sender of this.#senders) sender.stop();
    this.#turns.stop();
    this.#queue.stop();
  }

  /** After the stop: whether everything that was received is read. */
  async #isQuiet(): Promise<boolean> {
    await Promise.all([...this.#senders].map(({ working }) => working));
    return this.#queue.isEmpty;
  }

  async #newServer(): Promise<Server> {
    const { tls, stall_timeout_ms } = this.config;
    if (tls === undefined) return createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
    const read = (path: string): Promise<Buffer> => readFile(resolve(this.context.configDir, path));
    const options: TlsOptions = {
      cert: await read(tls.certificate_file),
      key: await read(tls.key_file),
      ...(tls.key_password !== undefined && { passphrase: tls.key_password }),
      ...(tls.ca_file !== undefined && { ca: await read(tls.ca_file), requestCert: true, rejectUnauthorized: true }),
      minVersion: 'TLSv1.2',
      handshakeTimeout: stall_timeout_ms,
    };
    const server = createTlsServer({ ...options, allowHalfOpen: true }, (socket) => this.#accept(socket));
    server.on('tlsClientError', (error) => this.#trouble('tls_failures', 'a TLS handshake failed', { error: error.message }));
    return server;
  }

  #accept(socket: Socket): void {
    const { shared_key, users, hostname = this.context.host, max_message_bytes, stall_timeout_ms, idle_timeout_ms } = this.config;
    const identity = shared_key === undefined ? null : { hostname, sharedKey: shared_key, users: users ?? null };
    const options = { identity, maxMessageBytes: max_message_bytes, stallMs: stall_timeout_ms, idleMs: idle_timeout_ms };
    this.context.count('connections');
    const sender = new Sender(socket, options, this.#events, this.#turns);
    this.#senders.add(sender);
  }

  readonly #events: SenderEvents = {
    message: async (frame, sender) => {
      const { receipt, isNew } = this.#receipts.of(frame);
      if (receipt !== null) sender.waitsFor(receipt);
      if (!isNew) {
        this.context.count('chunks_repeated');
        return;
      }
      this.#queue.add({ frame, receipt, connection: sender.id, refuse: (reason) => sender.refuse(reason) });
      await this.#queue.room();
    },
    failed: (kind, reason, { peer }) => this.#trouble(kind, 'a sender was cut off', { peer, reason }),
    closed: (sender) => this.#senders.delete(sender),
    count: (name) => this.context.count(name),
  };

  /** Fluentd sends a byte, and takes a sender that gets none back for dead. */
  async #answerHeartbeats(host: string): Promise<void> {
    const udp = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', reuseAddr: true });
    udp.on('message', (_, { address, port }) => udp.send(Buffer.alloc(1), port, address, () => {}));
    udp.bind(this.address.port, host);
    await once(udp, 'listening');
    udp.on('error', () => this.context.count('heartbeat_errors'));
    this.#heartbeats = udp;
  }

  /** Counts it, and says it now and then: whoever can connect must not be able to fill the log. */
  #trouble(kind: string, message: string, fields: Record<string, unknown>): void {
    this.context.count(kind);
    const now = performance.now();
    if (now - (this.#saidAt.get(kind) ?? Number.NEGATIVE_INFINITY) < SAY_EVERY_MS) return;
    this.#saidAt.set(kind, now);
    this.context.log.warn(message, fields);
  }
}
