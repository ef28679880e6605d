import { once } from 'node:events';
import type { Batch } from '../../../../plugins/outputs/kafka/batch.js';
import { plugin } from '../../../../plugins/outputs/kafka/index.js';
import { untilItWorks } from '../../../../src/pipeline/retry.js';
import type { ComponentContext, Output } from '../../../../src/plugin/contract.js';
import type { LogRecord } from '../../../../src/record/record.js';
import { record } from '../../../record/sample.js';
import type { Answer, Order } from './output-driver.js';

/** Writes that are under way at once, as in an agent. */
const BATCH = 500;

const giveUp = new AbortController();
let output: Output<Batch> | null = null;
const told: string[] = [];
const counts: Record<string, number> = {};

async function obey(order: Order): Promise<unknown> {
  switch (order.kind) {
    case 'open': {
      const context: ComponentContext = {
        ...{ name: 'test', dataDir: '/nowhere', configDir: '/', host: 'compute01', ownFiles: () => [] },
        log: { debug: () => {}, info: tell, warn: tell, error: tell },
        count: (name, by = 1) => {
          counts[name] = (counts[name] ?? 0) + by;
        },
      };
      output = plugin.create(plugin.config.parse(order.keys), context);
      return await output.open();
    }
    case 'write':
      return await writeAll(order.records.map(({ message = '', ...fields }) => record(message, fields)));
    case 'check':
      return await output?.check?.(AbortSignal.timeout(20_000));
    case 'told':
      return told;
    case 'counts':
      return counts;
    case 'give_up':
      return giveUp.abort(new Error('given up'));
    case 'close':
      return await output?.close();
  }
}

/** As the agent does: several writes at once, each tried until it works. */
async function writeAll(records: readonly LogRecord[]): Promise<unknown> {
  const to = output;
  if (to === null) throw new Error('not open');
  const waiting: Batch[] = [];
  for (let i = 0; i < records.length; i += BATCH) waiting.push(to.encode(records.slice(i, i + BATCH)));
  const rejections: unknown[] = [];
  const failures: string[] = [];
  const worker = async (): Promise<void> => {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      const mine = batch;
      const retry = {
        signal: giveUp.signal,
        firstPauseMs: 50,
        maxPauseMs: 500,
        failed: (error: Error) => void failures.push(error.message),
      };
      rejections.push(...(await untilItWorks(() => to.write([mine], giveUp.signal), retry)));
    }
  };
  await Promise.all(Array.from({ length: to.pace?.parallel ?? 1 }, worker));
  return { rejections, failures };
}

function tell(message: string, fields?: Record<string, unknown>): void {
  told.push(`${message}: ${String(fields?.['reason'] ?? '')}`);
}

process.on('message', (order: Order) => {
  obey(order).then(
    (value) => process.send?.({ id: order.id, value: value ?? null } satisfies Answer),
    (error) => process.send?.({ id: order.id, error: `${error?.code ?? ''} ${error?.message ?? error}` } satisfies Answer),
  );
});
await once(process, 'disconnect');
process.exit();
