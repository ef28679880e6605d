import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { isObject } from '../../../src/record/json-object.js';
import type { Address } from '../../forward/address.js';
import { Framer } from '../../forward/framer.js';
import { type ClientIdentity, ping, pongProblem, readHandshake, readHelo } from '../../forward/handshake.js';
import { Reader } from '../../forward/msgpack-read.js';
import { Writer } from '../../forward/msgpack-write.js';

export interface LinkOptions {
  /** Null where no key is shown. */
  readonly identity: ClientIdentity | null;
  /** Null for plain TCP. */
  readonly tls: ConnectionOptions | null;
  readonly connectTimeoutMs: number;
  readonly ackTimeoutMs: number;
}

/** Servers send only handshakes and acknowledgements. */
const LONGEST_ANSWER = 65_536;

/** The connection is not there any more; on a new one it may work. */
export class LinkClosed extends Error {
  override readonly name = 'LinkClosed';
}

interface Waiting {
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

/** One connection to a server. */
export class Link {
  readonly #framer = new Framer(LONGEST_ANSWER);
  /** Chunks that are not acknowledged, by id. */
  readonly #waiting = new Map<string, Waiting>();
  /** Told of the next message of the handshake. */
  #awaited: { readonly heard: (message: Buffer) => void; readonly failed: (error: Error) => void } | null = null;
  #fault: Error | null = null;

  private constructor(
    readonly socket: Socket,
    readonly options: LinkOptions,
  ) {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    socket.on('data', (bytes: Buffer) => this.#heard(bytes));
    socket.on('error', (error) => this.#broken(new LinkClosed(`the connection broke: ${error.message}`, { cause: error })));
    socket.on('close', () => this.#broken(new LinkClosed('the server has closed the connection')));
  }

  /** A connection that the server has let in. @throws where there is none in time, or it is refused */
  static async to(address: Address, options: LinkOptions, signal: AbortSignal): Promise<Link> {
    const socket = options.tls === null ? connect(address) : connectTls({ ...serverName(address), ...options.tls, ...address });
    const link = new Link(socket, options);
    const late = setTimeout(() => link.close(new Error(`no connection within ${options.connectTimeoutMs} ms`)), options.connectTimeoutMs);
    const stop = (): void => link.close(new Error('stopped'));
    signal.addEventListener('abort', stop, { once: true });
    try {
      if (signal.aborted) stop();
      await link.#connected(options.tls === null ? 'connect' : 'secureConnect');
      if (options.identity !== null) await link.#shakeHands(options.identity);
      return link;
    } catch (error) {
      link.close(error instanceof Error ? error : new Error(String(error)));
      throw error;
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', stop);
    }
  }

  get isOpen(): boolean {
    return this.#fault === null;
  }

  /** Resolves when the server has acknowledged the chunk of this id; `null`: when it was sent. @throws where the connection breaks before, or it takes too long */
  async send(bytes: Buffer, id: string | null): Promise<void> {
    if (this.#fault !== null) throw this.#fault;
    if (id === null) {
      await new Promise<void>((done, failed) => {
        this.socket.write(bytes, (error) => (error ? failed(new LinkClosed(`the connection broke: ${error.message}`)) : done()));
      });
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const { ackTimeoutMs } = this.options;
      const late = setTimeout(() => this.close(new Error(`not acknowledged within ${ackTimeoutMs} ms`)), ackTimeoutMs);
      const settle = (then: () => void): void => {
        clearTimeout(late);
        this.#waiting.delete(id);
        then();
      };
      this.#waiting.set(id, { done: () => settle(resolve), failed: (error) => settle(() => reject(error)) });
      this.socket.write(bytes);
    });
  }

  /** What waits fails with this. */
  close(error: Error = new LinkClosed('closed')): void {
    this.#broken(error);
    this.socket.destroy();
  }

  async #connected(event: 'connect' | 'secureConnect'): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#awaited = { heard: () => {}, failed: reject };
      this.socket.once(event, () => resolve());
      if (this.#fault !== null) reject(this.#fault);
    });
    this.#awaited = null;
  }

  async #shakeHands(identity: ClientIdentity): Promise<void> {
    const challenge = readHelo(readHandshake(await this.#next()));
    if (challenge === null) throw new Error('the server does not begin with a HELO');
    const salt = randomBytes(16);
    const writer = new Writer();
    writer.value(ping(identity, challenge, salt));
    const answer = this.#next();
    this.socket.write(writer.take());
    const problem = pongProblem(identity, challenge, salt, readHandshake(await answer));
    if (problem !== null) throw new Error(problem);
  }

  /** The next message of the handshake. */
  async #next(): Promise<Buffer> {
    const whole = this.#framer.next();
    if (whole !== null) return whole;
    if (this.#fault !== null) throw this.#fault;
    try {
      return await new Promise<Buffer>((heard, failed) => {
        this.#awaited = { heard, failed };
      });
    } finally {
      this.#awaited = null;
    }
  }

  #heard(bytes: Buffer): void {
    try {
      this.#framer.push(bytes);
      // What comes of a handshake is fetched one by one.
      if (this.options.identity !== null && this.#awaited === null && this.#waiting.size === 0) {
        if (this.#framer.pending > LONGEST_ANSWER) throw new Error('the server sends without being asked');
        return;
      }
      for (let message = this.#framer.next(); message !== null; message = this.#framer.next()) {
        const awaited = this.#awaited;
        this.#awaited = null;
        if (awaited !== null && this.options.identity !== null) {
          awaited.heard(message);
          return;
        }
        this.#acknowledged(new Reader(message).value());
      }
    } catch (error) {
      this.close(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #acknowledged(message: unknown): void {
    if (Array.isArray(message) && message[0] === 'HELO') throw new Error('the server wants a shared_key');
    const id = isObject(message) ? message['ack'] : undefined;
    if (typeof id !== 'string') throw new Error('the server sends something else than acknowledgements');
    this.#waiting.get(id)?.done();
  }

  #broken(error: Error): void {
    this.#fault ??= error;
    this.#awaited?.failed(this.#fault);
    for (const waiting of [...this.#waiting.values()]) waiting.failed(this.#fault);
  }
}

/** The name that the certificate must have; an address is no name. */
function serverName({ host }: Address): ConnectionOptions {
  return /^[0-9.]+$|:/.test(host) ? {} : { servername: host };
}
