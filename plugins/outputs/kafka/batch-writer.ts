import type { Rejection } from '../../../src/plugin/contract.js';
import { plausibleTime } from '../../../src/record/plausible.js';
import type { DocumentWriter } from '../../../src/record/profiles/document-writer.js';
import { EcsEncoder } from '../../../src/record/profiles/ecs.js';
import type { LogRecord } from '../../../src/record/record.js';
import type { Batch } from './batch.js';
import { CommonHeaders, type HeaderName, type Headers } from './headers.js';

/** What makes messages of records. */
export interface BatchForm {
  readonly documents: DocumentWriter;
  readonly topicOf: (record: LogRecord) => string;
  /** Null where messages have no keys. */
  readonly keyOf: ((record: LogRecord) => string | null) | null;
  readonly headers: readonly HeaderName[];
  readonly maxBytes: number;
  /** What to send in place of a record whose document is longer, or null to reject it. */
  readonly shorten: (record: LogRecord, lengthOf: (record: LogRecord) => number) => LogRecord | null;
  /** The documents hold all that is in a record, so that it need not be kept. */
  readonly complete: boolean;
  readonly cut: () => void;
  readonly now: () => number;
}

/** Puts records into the form of messages. */
export class BatchWriter {
  readonly #measured = new EcsEncoder(1024);
  readonly #headers: CommonHeaders;

  constructor(readonly form: BatchForm) {
    this.#headers = new CommonHeaders(form.headers);
  }

  batchOf(records: readonly LogRecord[]): Batch {
    const { documents, topicOf, keyOf, headers, maxBytes, complete } = this.form;
    const now = this.form.now();
    const [ends, topics, times]: [number[], string[], number[]] = [[], [], []];
    const keys: (string | null)[] | null = keyOf === null ? null : [];
    const commonHeaders: Headers[] | null = headers.length > 0 ? [] : null;
    const ids: string[] | null = headers.includes('id') ? [] : null;
    const kept: LogRecord[] | null = complete ? null : [];
    const dead: Rejection[] = [];
    const pieces: Buffer[] = [];
    let length = 0;
    documents.clear();
    let from = 0;
    for (const record of records) {
      documents.add(record);
      const end = documents.bytes.length;
      if (end - from > maxBytes) {
        // What was written by now is taken out, since the writer can only be emptied.
        pieces.push(Buffer.from(documents.bytes.subarray(0, from)));
        const cut = this.#shortDocument(record);
        [from, length] = [0, length + from];
        if (cut === null) {
          dead.push({ document: this.#letterOf(record), reason: `its message has ${end - from} bytes: longer than max_message_bytes` });
          continue;
        }
        pieces.push(cut);
        length += cut.length;
        ends.push(length);
      } else {
        from = end;
        ends.push(length + end);
      }
      topics.push(topicOf(record));
      times.push(timeOf(record, now));
      keys?.push(keyOf === null ? null : keyOf(record));
      commonHeaders?.push(this.#headers.of(record));
      ids?.push(record.id);
      kept?.push(record);
    }
    pieces.push(Buffer.from(documents.bytes));
    const body = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
    return { body, ends, topics, keys, times, commonHeaders, ids, records: kept, settled: new Uint8Array(ends.length), dead };
  }

  /** Dead letters hold the record in the ECS profile, whatever the brokers were sent. */
  letterOf(batch: Batch, index: number, value: Buffer): string {
    const record = batch.records?.[index];
    return record === undefined ? value.toString() : this.#letterOf(record);
  }

  #letterOf(record: LogRecord): string {
    return this.#measured.encode(record);
  }

  /** Leaves the writer empty. */
  #shortDocument(record: LogRecord): Buffer | null {
    const { documents, shorten } = this.form;
    const lengthOf = (candidate: LogRecord): number => {
      documents.clear();
      documents.add(candidate);
      return documents.bytes.length;
    };
    const found = shorten(record, lengthOf);
    documents.clear();
    if (found === null) return null;
    documents.add(found);
    const bytes = Buffer.from(documents.bytes);
    documents.clear();
    this.form.cut();
    return bytes;
  }
}

/** Brokers refuse times that lie ahead, and a whole batch with them. */
function timeOf({ timestamp }: LogRecord, now: number): number {
  const time = plausibleTime(timestamp);
  return Number.isNaN(time) || time > now || time < 0 ? now : Math.floor(time);
}
