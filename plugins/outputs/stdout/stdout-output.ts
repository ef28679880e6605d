import type { Output, Rejection } from '../../../src/plugin/contract.js';
import { NdjsonWriter } from '../../../src/record/profiles/ndjson.js';
import { pretty } from '../../../src/record/profiles/pretty.js';
import type { LogRecord } from '../../../src/record/record.js';
import type { StdoutConfig } from './config.js';

/** Writes to a stream; a record counts as stored when the stream has taken it. */
export class StdoutOutput implements Output<Buffer> {
  readonly encode: (records: readonly LogRecord[]) => Buffer;

  constructor(
    config: StdoutConfig,
    readonly stream: NodeJS.WriteStream,
  ) {
    const terminal = stream.isTTY === true;
    const ndjson = new NdjsonWriter();
    const readable = config.format === 'pretty' || (config.format === 'auto' && terminal);
    const color = terminal && process.env['NO_COLOR'] === undefined;
    this.encode = readable
      ? (records) => Buffer.from(records.map((record) => `${pretty(record, color)}\n`).join(''))
      : (records) => ndjson.lines(records);
  }

  async open(): Promise<void> {}

  async write(parcels: readonly Buffer[]): Promise<readonly Rejection[]> {
    await new Promise<void>((resolve, reject) => {
      this.stream.write(Buffer.concat(parcels), (error) => (error ? reject(error) : resolve()));
    });
    return [];
  }

  async close(): Promise<void> {}
}
