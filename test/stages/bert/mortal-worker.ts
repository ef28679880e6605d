import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { ToWorker, WorkerStart } from '../../../src/stages/bert/protocol.js';

// The real worker, but it dies of some texts: of `poison` always, of `once` the first time, and of `stuck` it never ends.
const { path } = (workerData as WorkerStart).model;
appendFileSync(join(path, 'started'), '.');
const mark = join(path, 'died');
parentPort?.on('message', (message: ToWorker) => {
  const texts = message === 'close' ? [] : message.texts;
  if (texts.some((text) => text.includes('poison'))) process.exit(1);
  if (texts.some((text) => text.includes('stuck'))) for (;;);
  if (existsSync(mark) || !texts.some((text) => text.includes('once'))) return;
  writeFileSync(mark, '');
  throw new Error('died once');
});
await import('../../../src/stages/bert/worker.js');
