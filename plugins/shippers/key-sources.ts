import { createHash } from 'node:crypto';
import type { Source } from '../../src/record/source.js';

/** What tells apart whose lines they are, within one stream: a partition, what senders forward. */
export interface Writer {
  /** Of a message, or of the connection that it came by. Null for a message without key, and for one that is whole in itself. */
  readonly key: Buffer | null;
  readonly host: string;
  readonly program: string;
  /** The file that the line stood in before a shipper took it; empty where that is not known. */
  readonly path: string;
}

/** A longer key is told apart by its hash. */
const LONGEST_KEY = 64;

/** The sources of one stream: one for each writer whose lines may continue each other. Those used last are kept. */
export class KeySources {
  readonly #sources = new Map<string, Source>();
  /** Used last, of a message without key. */
  #latest: { readonly host: string; readonly program: string; readonly path: string; readonly source: Source } | null = null;

  /** @param base what all sources of the stream share */
  constructor(
    readonly base: Source,
    readonly maxOpen: number,
  ) {}

  get size(): number {
    return this.#sources.size;
  }

  /** The source of these lines. `ended` is one that has to end for it, because too many are open. */
  of(writer: Writer): { readonly source: Source; readonly ended: Source | null } {
    const { key, host, program, path } = writer;
    const latest = this.#latest;
    // The usual case, in which names need not be put together: a topic without keys.
    if (key === null && latest !== null && latest.host === host && latest.program === program && latest.path === path)
      return { source: latest.source, ended: null };
    const found = this.#find(writer);
    this.#latest = key === null ? { host, program, path, source: found.source } : null;
    return found;
  }

  #find(writer: Writer): { readonly source: Source; readonly ended: Source | null } {
    const name = `${nameOf(writer.key)}\n${writer.host}\n${writer.program}\n${writer.path}`;
    let source = this.#sources.get(name);
    if (source !== undefined) {
      this.#sources.delete(name);
      this.#sources.set(name, source);
      return { source, ended: null };
    }
    const { base } = this;
    source = {
      ...base,
      host: writer.host || base.host,
      program: writer.program || base.program,
      name: writer.path || base.name,
    };
    this.#sources.set(name, source);
    if (this.#sources.size <= this.maxOpen) return { source, ended: null };
    for (const [oldest, ended] of this.#sources) {
      this.#sources.delete(oldest);
      return { source, ended };
    }
    return { source, ended: null };
  }
}

function nameOf(key: Buffer | null): string {
  if (key === null) return '';
  return key.length <= LONGEST_KEY ? `=${key.toString('latin1')}` : `#${createHash('sha256').update(key).digest('base64')}`;
}
