import type { DocumentWriter } from '../../../src/record/profiles/document-writer.js';
import type { LogRecord } from '../../../src/record/record.js';
import { type Bulk, documentId } from './bulk.js';
import type { Target } from './config.js';
import { IndexNames } from './target.js';

/** Puts batches into the form of a bulk request. */
export class BulkWriter {
  readonly #names: IndexNames | null;

  constructor(
    readonly documents: DocumentWriter,
    target: Target,
    /** The documents hold all that is in a record, so that it need not be kept. */
    readonly complete: boolean,
    now: () => number = Date.now,
  ) {
    this.#names = target.kind === 'index' ? new IndexNames(target.pattern, now) : null;
  }

  /** The id makes a repeat a conflict instead of a second document, so everything is created, nothing overwritten. */
  bulkOf(records: readonly LogRecord[]): Bulk {
    const { documents } = this;
    documents.clear();
    const ends: number[] = [];
    for (const record of records) {
      const index = this.#names === null ? '' : `"_index":"${this.#names.nameFor(record.timestamp)}",`;
      documents.text(`{"create":{${index}"_id":"${documentId(record.id)}"}}\n`);
      documents.addLine(record);
      ends.push(documents.bytes.length);
    }
    const body = Buffer.from(documents.bytes);
    return { body, ends, records: this.complete ? null : records, open: ends.map((_, index) => index), failures: new Map(), dead: [] };
  }
}
