import type { Output, Rejection } from '../../../src/plugin/contract.js';
import { EcsEncoder } from '../../../src/record/profiles/ecs.js';
import { pretty } from '../../../src/record/profiles/pretty.js';
import type { LogRecord } from '../../../src/record/record.js';
import type { StdoutConfig } from './config.js';

/** Writes to a stream; a record counts as stored when the stream has taken it. */
export class StdoutOutput implements Output {
  readonly #encode: (record: LogRecord) => string;

  constructor(
    config: StdoutConfig,
    readonly stream: NodeJS.WriteStream,
  ) {
    const terminal = stream.isTTY === true;
    const encoder = new EcsEncoder();
    const readable = config.format === 'pretty' || (config.format === 'auto' && terminal);
    const color = terminal && process.env['NO_COLOR'] === undefined;
    this.#encode = readable ? (record) => pretty(record, color) : (record) => encoder.encode(record);
  }

  async open(): Promise<void> {}

  async write(records: readonly LogRecord[]): Promise<readonly Rejection[]> {
    let text = '';
    for (const record of records) text += `${this.#encode(record)}\n`;
    await new Promise<void>((resolve, reject) => {
      this.stream.write(text, (error) => (error ? reject(error) : resolve()));
    });
    return [];
  }

  async close(): Promise<void> {}
}
