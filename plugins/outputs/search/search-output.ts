import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { type Amendment, type ComponentContext, type Output, type Pace, type Rejection, TryLater } from '../../../src/plugin/contract.js';
import { EcsEncoder } from '../../../src/record/profiles/ecs.js';
import type { LogRecord } from '../../../src/record/record.js';
import { amendDocuments } from './amend.js';
import { ANSWER_FILTER, bulkAnswer, refusal } from './answer.js';
import { type Bulk, bodyOf, documentOf, type Item, requestsOf, settle } from './bulk.js';
import type { BulkWriter } from './bulk-writer.js';
import type { Engine, SearchClient } from './client.js';
import { AnswerTooLong } from './clients/body.js';
import type { SearchOutputKeys, Target } from './config.js';
import { FAULTY_TRIES, requestOutcome } from './outcome.js';
import { Parallel } from './parallel.js';
import { makeReady, NotReady } from './readiness.js';
import { wildcardOf } from './target.js';

const packed = promisify(gzip);
/** The server, not the network, is what usually has too much to do; the lowest level takes a third of the time of the default one. */
const GZIP = { level: constants.Z_BEST_SPEED };
/** Servers that are down must not keep the agent from starting. */
const START_MS = 5000;

/** What the output is made of. */
export interface SearchOutputParts {
  readonly engine: Engine;
  readonly target: Target;
  readonly writer: BulkWriter;
  /** @throws where no connection can be prepared. */
  connect(): Promise<SearchClient>;
}

/** Creates a document for every record in a data stream or in indices, by bulk requests. */
export class SearchOutput implements Output<Bulk> {
  readonly pace: Pace<Bulk>;
  readonly amend?: (amendments: readonly Amendment[], signal: AbortSignal) => Promise<void>;
  readonly #parallel: Parallel;
  #client: Promise<SearchClient> | null = null;
  /** The server has been seen to have what is written to. */
  #ready = false;
  /** The server, or a proxy before it, takes no larger requests. */
  #maxBytes: number;
  #refused = false;

  constructor(
    readonly keys: SearchOutputKeys,
    readonly parts: SearchOutputParts,
    readonly context: ComponentContext,
  ) {
    const parallel = new Parallel(keys.max_parallel_bulks);
    this.#parallel = parallel;
    this.#maxBytes = keys.bulk_bytes;
    this.pace = {
      get parallel() {
        return parallel.allowed;
      },
      fullBytes: keys.bulk_bytes,
      waitMs: keys.bulk_wait_ms,
      sizeOf: ({ body }) => body.length,
    };
    if (keys.amend) this.amend = (amendments, signal) => this.#amend(amendments, signal);
  }

  /** A server that is down is waited for by the writes; one that is there and lacks something ends the start. */
  async open(): Promise<void> {
    try {
      await this.check(AbortSignal.timeout(START_MS));
    } catch (error) {
      if (error instanceof NotReady) throw error;
      this.context.log.warn('the server cannot be reached yet; records wait', { error: String(error) });
    }
  }

  async check(signal: AbortSignal): Promise<void> {
    await makeReady(await this.#connected(), this.parts.engine, this.parts.target, this.keys.pipeline ?? null, signal);
    this.#ready = true;
  }

  encode(records: readonly LogRecord[]): Bulk {
    return this.parts.writer.bulkOf(records);
  }

  /** Sends what of the parcels is not settled. @throws while something can heal; what was settled by then is noted in the parcels. */
  async write(parcels: readonly Bulk[], signal: AbortSignal): Promise<readonly Rejection[]> {
    if (!this.#ready) await this.check(signal);
    for (const items of requestsOf(parcels, this.#maxBytes)) await this.#send(items, signal);
    return parcels.flatMap(({ dead }) => dead);
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => null);
    this.#client = null;
    await client?.close();
  }

  /** @throws unless every item is settled. */
  async #send(items: readonly Item[], signal: AbortSignal): Promise<void> {
    const client = await this.#connected();
    const body = bodyOf(items);
    let answer: Awaited<ReturnType<SearchClient['request']>>;
    try {
      answer = await client.request({
        method: 'POST',
        path: this.#bulkPath,
        query: { filter_path: ANSWER_FILTER, ...(this.keys.pipeline === undefined ? {} : { pipeline: this.keys.pipeline }) },
        signal,
        ...(await this.#form(body)),
      });
    } catch (error) {
      if (error instanceof AnswerTooLong && items.length > 1) return await this.#sendHalves(items, signal);
      this.#parallel.pushedBack();
      throw error;
    }
    const outcome = requestOutcome(answer.status);
    if (outcome === 'items') return this.#take(items, answer.body);
    const reason = refusal(answer.status, answer.body);
    if (outcome === 'split') {
      if (answer.status === 413) this.#maxBytes = Math.max(1, Math.min(this.#maxBytes, Math.ceil(body.length / 2)));
      if (items.length > 1) return await this.#sendHalves(items, signal);
      for (const item of items) bury(item, reason);
      return settle(items);
    }
    if (outcome === 'refused') this.#shout(reason);
    else this.#parallel.pushedBack();
    if (answer.retryAfterMs !== null) throw new TryLater(reason, answer.retryAfterMs);
    throw new Error(reason);
  }

  async #sendHalves(items: readonly Item[], signal: AbortSignal): Promise<void> {
    this.context.count('split_requests');
    const middle = Math.ceil(items.length / 2);
    await this.#send(items.slice(0, middle), signal);
    await this.#send(items.slice(middle), signal);
  }

  /** @throws where something has to be sent again. */
  #take(items: readonly Item[], body: string): void {
    const answers = bulkAnswer(body, items.length);
    const settled: Item[] = [];
    let [stored, waiting, busy] = [0, 0, 0];
    let [refused, first] = ['', ''];
    items.forEach((item, i) => {
      const { outcome, reason, repeated, inFailureStore } = answers[i] as (typeof answers)[number];
      if (outcome === 'stored') {
        stored++;
        settled.push(item);
        if (repeated) this.context.count('already_there');
        if (inFailureStore) this.context.count('failure_store');
      } else if (outcome === 'dead' || (outcome === 'faulty' && failedOften(item))) {
        bury(item, outcome === 'dead' ? reason : `${reason} (each of ${FAULTY_TRIES} times)`);
        settled.push(item);
      } else {
        waiting++;
        if (outcome === 'retry') busy++;
        if (outcome === 'refused') refused ||= reason;
        first ||= reason;
      }
    });
    settle(settled);
    if (busy > 0) this.#parallel.pushedBack();
    else this.#parallel.succeeded();
    if (refused !== '') this.#shout(refused);
    else if (stored > 0) this.#calm();
    if (waiting > 0) throw new Error(`${waiting} of ${items.length} documents were not taken: ${first}`);
  }

  /** Nothing but an operator can help. */
  #shout(reason: string): void {
    this.#refused = true;
    this.context.count('refused_requests');
    this.context.log.error('the server refuses documents; they wait until this is put right', { reason });
  }

  #calm(): void {
    if (this.#refused) this.context.log.info('the server takes documents again');
    this.#refused = false;
  }

  async #amend(amendments: readonly Amendment[], signal: AbortSignal): Promise<void> {
    const { target } = this.parts;
    const indices = target.kind === 'data_stream' ? target.name : wildcardOf(target.pattern);
    const changed = await amendDocuments(await this.#connected(), indices, this.keys.profile, amendments, signal);
    this.context.count('amended_documents', changed);
  }

  async #form(body: Buffer): Promise<{ body: Buffer; headers: Record<string, string> }> {
    const headers = { 'content-type': 'application/x-ndjson' };
    if (!this.keys.compression) return { body, headers };
    return { body: await packed(body, GZIP), headers: { ...headers, 'content-encoding': 'gzip' } };
  }

  get #bulkPath(): string {
    const { target } = this.parts;
    return target.kind === 'data_stream' ? `/${encodeURIComponent(target.name)}/_bulk` : '/_bulk';
  }

  async #connected(): Promise<SearchClient> {
    const client = this.#client ?? this.parts.connect();
    this.#client = client;
    try {
      return await client;
    } catch (error) {
      this.#client = null;
      throw error;
    }
  }
}

/** Notes that the server failed over a document; true once that is often enough to say that it always will. */
function failedOften({ bulk, index }: Item): boolean {
  const failures = (bulk.failures.get(index) ?? 0) + 1;
  bulk.failures.set(index, failures);
  return failures >= FAULTY_TRIES;
}

/** The server will never take it. */
function bury(item: Item, reason: string): void {
  item.bulk.dead.push({ document: letterOf(item), reason });
}

/** Dead letters hold the record in the ECS profile, whatever the server was sent. */
function letterOf(item: Item): string {
  const record = item.bulk.records?.[item.index];
  return record === undefined ? documentOf(item) : new EcsEncoder(1024).encode(record);
}
