import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import type { ComponentContext, Output, Rejection } from '../../../src/plugin/contract.js';
import type { LogRecord } from '../../../src/record/record.js';
import { type Address, addressOf } from '../../forward/address.js';
import { type Chunk, chunksOf, messageOf, type Piece, PieceWriter } from './chunks.js';
import type { ForwardOutputConfig } from './config.js';
import { Link, LinkClosed, type LinkOptions } from './link.js';
import { Preference } from './preference.js';
import { tagBy } from './tag.js';

/** Sends records to the first of its servers that takes them; see the README for what it guarantees. */
export class ForwardOutput implements Output<readonly Piece[]> {
  readonly #writer: PieceWriter;
  readonly #servers: readonly Address[];
  readonly #preference: Preference;
  #options: LinkOptions | null = null;
  #link: { readonly link: Link; readonly server: number } | null = null;

  constructor(
    readonly config: ForwardOutputConfig,
    readonly context: ComponentContext,
    readonly now: () => number = () => performance.now(),
  ) {
    this.#writer = new PieceWriter(config.profile, config.chunk_bytes, tagBy(config.tag, config.tag_values));
    this.#servers = config.servers.map(addressOf);
    this.#preference = new Preference(this.#servers.length, config.return_after_ms);
  }

  /** Reads the files that it needs; servers that cannot be reached are waited for by the writes. */
  async open(): Promise<void> {
    const { shared_key, username, password, hostname = this.context.host, connect_timeout_ms, ack_timeout_ms } = this.config;
    const user = username === undefined || password === undefined ? null : { username, password };
    this.#options = {
      identity: shared_key === undefined ? null : { hostname, sharedKey: shared_key, user },
      tls: await this.#tls(),
      connectTimeoutMs: connect_timeout_ms,
      ackTimeoutMs: ack_timeout_ms,
    };
  }

  /** Every server has to let this client in: one that stands by and does not would be found out too late. */
  async check(signal: AbortSignal): Promise<void> {
    const problems: string[] = [];
    for (const i of this.#servers.keys()) {
      try {
        const link = await Link.to(this.#serverAt(i), this.#opened, signal);
        link.close();
      } catch (error) {
        problems.push(this.#said(i, error));
      }
    }
    if (problems.length > 0) throw new Error(problems.join('; '));
  }

  encode(records: readonly LogRecord[]): readonly Piece[] {
    return this.#writer.piecesOf(records);
  }

  /** @throws while no server takes what is not stored; what was stored by then is noted in the pieces. */
  async write(parcels: readonly (readonly Piece[])[], signal: AbortSignal): Promise<readonly Rejection[]> {
    const pieces = parcels.flat();
    const problems: string[] = [];
    for (const server of this.#preference.order(this.now())) {
      try {
        await this.#sendTo(server, pieces, signal);
        this.#preference.worked(server);
        return [];
      } catch (error) {
        signal.throwIfAborted();
        problems.push(this.#said(server, error));
        this.#preference.failed(server, this.now());
        this.context.count('failovers');
      }
    }
    throw new Error(problems.join('; '));
  }

  async close(): Promise<void> {
    this.#link?.link.close();
    this.#link = null;
  }

  async #sendTo(server: number, pieces: readonly Piece[], signal: AbortSignal): Promise<void> {
    const known = this.#link !== null && this.#link.server === server && this.#link.link.isOpen;
    try {
      await this.#sendAll(await this.#linkTo(server, signal), pieces, signal);
    } catch (error) {
      // A server may close what was quiet for long; that it is gone shows only in the next use.
      if (!known || !(error instanceof LinkClosed) || signal.aborted) throw error;
      await this.#sendAll(await this.#linkTo(server, signal), pieces, signal);
    }
  }

  async #sendAll(link: Link, pieces: readonly Piece[], signal: AbortSignal): Promise<void> {
    const { chunk_bytes, compression, require_ack } = this.config;
    const stop = (): void => link.close(new Error('stopped'));
    signal.addEventListener('abort', stop, { once: true });
    const sending: Promise<void>[] = [];
    try {
      for (const chunk of chunksOf(pieces, chunk_bytes)) {
        const { id, bytes } = await messageOf(chunk, compression, require_ack);
        sending.push(link.send(bytes, require_ack ? id : null).then(() => this.#stored(chunk)));
      }
    } finally {
      const outcomes = await Promise.allSettled(sending);
      signal.removeEventListener('abort', stop);
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      // biome-ignore lint/correctness/noUnsafeFinally: what is thrown is why it failed.
      if (failed !== undefined) throw failed.reason;
    }
  }

  #stored({ pieces }: Chunk): void {
    for (const piece of pieces) piece.stored = true;
    this.context.count('chunks');
  }

  async #linkTo(server: number, signal: AbortSignal): Promise<Link> {
    const current = this.#link;
    if (current !== null && current.server === server && current.link.isOpen) return current.link;
    current?.link.close();
    this.#link = null;
    const link = await Link.to(this.#serverAt(server), this.#opened, signal);
    this.#link = { link, server };
    this.context.count('connections');
    return link;
  }

  #serverAt(index: number): Address {
    const server = this.#servers[index];
    if (server === undefined) throw new Error(`there is no server ${index}`);
    return server;
  }

  #said(server: number, error: unknown): string {
    return `${this.config.servers[server]}: ${error instanceof Error ? error.message : String(error)}`;
  }

  get #opened(): LinkOptions {
    if (this.#options === null) throw new Error('the output is not open');
    return this.#options;
  }

  async #tls(): Promise<ConnectionOptions | null> {
    const { tls } = this.config;
    if (tls === false) return null;
    if (tls === true) return { minVersion: 'TLSv1.2' };
    const read = (path: string): Promise<Buffer> => readFile(resolve(this.context.configDir, path));
    return {
      minVersion: 'TLSv1.2',
      ...(tls.ca_file !== undefined && { ca: await read(tls.ca_file) }),
      ...(tls.certificate_file !== undefined && { cert: await read(tls.certificate_file) }),
      ...(tls.key_file !== undefined && { key: await read(tls.key_file) }),
      ...(tls.key_password !== undefined && { passphrase: tls.key_password }),
      ...(tls.server_name !== undefined && { servername: tls.server_name }),
    };
  }
}
