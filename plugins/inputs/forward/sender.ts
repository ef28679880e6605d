import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { type Frame, readFrame } from '../../forward/frame.js';
import { Framer } from '../../forward/framer.js';
import { type Challenge, helo, judgePing, newChallenge, pong, readHandshake, type ServerIdentity } from '../../forward/handshake.js';
import { Writer } from '../../forward/msgpack-write.js';
import type { ChunkReceipt, Waiting } from './receipts.js';
import type { Turns } from './turns.js';

export interface SenderOptions {
  /** Null where nobody has to show a key. */
  readonly identity: ServerIdentity | null;
  readonly maxMessageBytes: number;
  readonly stallMs: number;
  readonly idleMs: number;
}

/** What a sender tells of. */
export interface SenderEvents {
  /** Resolves when the next may come. */
  message(frame: Frame, sender: Sender): Promise<void>;
  /** It was cut off. `kind` is a name for counts. */
  failed(kind: 'auth_failures' | 'malformed_messages' | 'stalled_senders', reason: string, sender: Sender): void;
  closed(sender: Sender): void;
  count(name: string): void;
}

/** A handshake is short. */
const HANDSHAKE_BYTES = 16_384;
/** Beyond this a message waits for its turn. */
const SMALL = 262_144;
/** Of acknowledgements that nobody fetches. */
const MOST_UNSENT = 1_048_576;

/** One connection of a sender: lets it in, cuts what it sends into messages, and tells it what is stored. It is read from only while there is room. */
export class Sender implements Waiting {
  readonly id = randomBytes(8);
  readonly peer: string;
  readonly #framer: Framer;
  readonly #writer = new Writer(256);
  readonly #awaiting = new Set<ChunkReceipt>();
  #challenge: Challenge | null = null;
  #stall: NodeJS.Timeout | undefined;
  #hasTurn = false;
  #stopped = false;
  #ended = false;
  #failed = false;
  /** The work on what came last. */
  working: Promise<void> = Promise.resolve();

  constructor(
    readonly socket: Socket,
    readonly options: SenderOptions,
    readonly events: SenderEvents,
    readonly turns: Turns,
  ) {
    this.peer = `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`;
    const { identity, maxMessageBytes, idleMs } = options;
    this.#framer = new Framer(identity === null ? maxMessageBytes : HANDSHAKE_BYTES);
    // The other side may be gone without a word.
    socket.setKeepAlive(true, 60_000);
    socket.setNoDelay(true);
    if (idleMs > 0) socket.setTimeout(idleMs);
    // A callback of setTimeout would be called but once.
    socket.on('timeout', () => this.#idle());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed());
    socket.on('end', () => {
      this.#ended = true;
      if (this.#framer.pending > 0) this.#fail('malformed_messages', 'it ended in the middle of a message');
      else this.#endWhenDone();
    });
    socket.on('data', (bytes: Buffer) => {
      socket.pause();
      clearTimeout(this.#stall);
      this.#framer.push(bytes);
      this.working = this.#work();
    });
    if (identity !== null) this.#greet(identity);
  }

  /** Is to be told of this chunk. */
  waitsFor(receipt: ChunkReceipt): void {
    this.#awaiting.add(receipt);
    receipt.waiting.add(this);
  }

  acknowledge(receipt: ChunkReceipt): void {
    this.#send({ ack: receipt.chunk });
    this.#awaiting.delete(receipt);
    this.#endWhenDone();
  }

  refuse(reason: string): void {
    this.#fail('malformed_messages', reason);
  }

  /** Nothing more is read; acknowledgements can still be sent. */
  stop(): void {
    this.#stopped = true;
    this.socket.pause();
    clearTimeout(this.#stall);
  }

  #greet(identity: ServerIdentity): void {
    this.#challenge = newChallenge(identity.users !== null);
    this.#send(helo(this.#challenge));
    this.#armStall();
  }

  async #work(): Promise<void> {
    try {
      for (let bytes = this.#framer.next(); bytes !== null; bytes = this.#framer.next()) {
        if (this.#challenge !== null) this.#handshake(bytes, this.#challenge);
        else await this.#message(bytes);
        if (this.#failed || this.socket.destroyed) return;
      }
      await this.#turn();
    } catch (error) {
      // Whatever it is, it came of what this sender sent, and is not to end the agent.
      this.#fail('malformed_messages', error instanceof Error ? error.message : String(error));
    }
    if (this.#stopped || this.socket.destroyed) return;
    if (this.#framer.pending > 0 || this.#challenge !== null) this.#armStall();
    this.socket.resume();
  }

  async #message(bytes: Buffer): Promise<void> {
    const frame = readFrame(bytes);
    if (frame === null) this.events.count('heartbeats');
    else await this.events.message(frame, this);
  }

  #handshake(bytes: Buffer, challenge: Challenge): void {
    const { identity, maxMessageBytes } = this.options;
    if (identity === null) return;
    const verdict = judgePing(identity, challenge, readHandshake(bytes));
    this.#send(pong(identity, challenge, verdict));
    if (!verdict.admitted) {
      this.#fail('auth_failures', verdict.reason);
      return;
    }
    this.#challenge = null;
    this.#framer.maxBytes = maxMessageBytes;
  }

  /** A long message goes on only when it is this sender's turn. */
  async #turn(): Promise<void> {
    const isLong = this.#framer.pending > SMALL;
    if (!isLong) return this.#endTurn();
    if (this.#hasTurn) return;
    await this.turns.take();
    // It may have gone meanwhile.
    if (this.socket.destroyed) this.turns.give();
    else this.#hasTurn = true;
  }

  #endTurn(): void {
    if (!this.#hasTurn) return;
    this.#hasTurn = false;
    this.turns.give();
  }

  #armStall(): void {
    clearTimeout(this.#stall);
    const { stallMs } = this.options;
    this.#stall = setTimeout(() => this.#fail('stalled_senders', `nothing came for ${stallMs} ms in the middle of a message`), stallMs);
    this.#stall.unref();
  }

  #idle(): void {
    if (this.#awaiting.size === 0 && this.#framer.pending === 0) this.socket.destroySoon();
  }

  #fail(kind: 'auth_failures' | 'malformed_messages' | 'stalled_senders', reason: string): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#stopped = true;
    this.events.failed(kind, reason, this);
    // What was said before is still sent.
    this.socket.destroySoon();
  }

  #send(message: unknown): void {
    if (!this.socket.writable) return;
    this.#writer.value(message);
    this.socket.write(this.#writer.take());
    if (this.socket.writableLength > MOST_UNSENT) this.socket.destroy();
  }

  #endWhenDone(): void {
    if (this.#ended && this.#awaiting.size === 0) this.socket.end();
  }

  #closed(): void {
    clearTimeout(this.#stall);
    for (const receipt of this.#awaiting) receipt.waiting.delete(this);
    this.#awaiting.clear();
    this.#framer.clear();
    this.#endTurn();
    this.events.closed(this);
  }
}
