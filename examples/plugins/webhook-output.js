// An output of your own: posts records to an HTTP endpoint as NDJSON.
//
//   outputs:
//     hook: { type: ./plugins/webhook-output.js, url: "https://hooks.example.net/logs", when: { levels: [ERROR, CRITICAL] } }
//
// What can heal (no connection, 408, 429, 5xx) is thrown, and the agent tries again; what cannot (other 4xx) is rejected and goes to the dead letters.
import { EcsEncoder } from 'trilog';
import { z } from 'zod';

/** @import { LogRecord, Output, OutputPlugin, Rejection } from 'trilog' */

const config = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('where to post'),
  timeout_ms: z.int().min(1).default(10_000).describe('how long one request may take'),
});

/** @implements {Output<string[]>} */
class WebhookOutput {
  encoder = new EcsEncoder();

  /** @param {z.output<typeof config>} keys */
  constructor({ url, timeout_ms }) {
    this.url = url;
    this.timeoutMs = timeout_ms;
  }

  async open() {}

  /** @param {readonly LogRecord[]} records */
  encode(records) {
    return records.map((record) => this.encoder.encode(record));
  }

  /**
   * @param {readonly string[][]} parcels
   * @param {AbortSignal} signal
   * @returns {Promise<readonly Rejection[]>}
   */
  async write(parcels, signal) {
    const documents = parcels.flat();
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: documents.map((document) => `${document}\n`).join(''),
      signal: AbortSignal.any([signal, AbortSignal.timeout(this.timeoutMs)]),
    });
    // The answer's text is of no interest, and may be endless.
    await response.body?.cancel();
    if (response.ok) return [];
    if (response.status === 408 || response.status === 429 || response.status >= 500)
      throw new Error(`${this.url} answered ${response.status}`);
    return documents.map((document) => ({ document, reason: `HTTP ${response.status}` }));
  }

  async close() {}
}

/** @type {OutputPlugin<z.output<typeof config>>} */
export const plugin = {
  kind: 'output',
  type: 'webhook',
  summary: 'Posts records to an HTTP endpoint as NDJSON.',
  config,
  create: (keys) => new WebhookOutput(keys),
};
