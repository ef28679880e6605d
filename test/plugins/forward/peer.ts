import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Framer } from '../../../plugins/forward/framer.js';
import { EventTime, Reader } from '../../../plugins/forward/msgpack-read.js';
import { Writer } from '../../../plugins/forward/msgpack-write.js';

/** As bytes of MessagePack. */
export function packed(value: unknown): Buffer {
  const writer = new Writer();
  writer.value(value);
  return writer.take();
}

/** A time as Fluentd writes it, in place of a value. */
export function eventTime(milliseconds: number): Buffer {
  const writer = new Writer();
  writer.eventTime(milliseconds);
  return writer.take();
}

/** An array whose values are packed already. */
export function arrayOf(...values: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([0x90 | values.length]), ...values]);
}

/** One end of a connection that says just what the test wants. */
export class Peer {
  readonly #framer = new Framer(100_000_000);

  constructor(readonly socket: Socket) {
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      this.#framer.push(bytes);
      socket.emit('heard');
    });
    socket.on('close', () => socket.emit('heard'));
  }

  static async to(port: number): Promise<Peer> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Peer(socket);
  }

  send(...bytes: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(bytes));
  }

  /** The bytes of the next message; null when the other side has closed. */
  async bytes(): Promise<Buffer | null> {
    for (;;) {
      const value = this.#framer.next();
      if (value !== null) return value;
      if (this.socket.destroyed || this.socket.readableEnded) return null;
      await once(this.socket, 'heard').catch(() => {});
    }
  }

  /** The next message; null when the other side has closed. */
  async hears(): Promise<unknown> {
    const bytes = await this.bytes();
    return bytes === null ? null : new Reader(bytes).value();
  }

  /** Whether nothing has been heard that was not asked for. */
  get heardNothing(): boolean {
    return this.#framer.pending === 0;
  }

  close(): void {
    this.socket.destroy();
  }
}

export { EventTime };
