import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { InferenceWorker, WORKER_LIMITS, type WorkerLimits } from '../../../src/stages/bert/inference-worker.js';
import type { WorkerStart } from '../../../src/stages/bert/protocol.js';
import { LogKept, tinyCopy, tinyModel } from './tiny.js';

const MORTAL = new URL('./mortal-worker.js', import.meta.url);

async function opened(t: ExecutionContext, limits: Partial<WorkerLimits> = {}, entry?: URL, change: Partial<WorkerStart> = {}) {
  const log = new LogKept();
  const start = {
    model: tinyModel(tinyCopy(t)),
    maxTokens: 32,
    threads: 1,
    executionProviders: ['cpu'] as const,
    pooled: false,
    ...change,
  };
  const worker = new InferenceWorker(start, log, { ...WORKER_LIMITS, restartMs: 1, ...limits }, entry);
  await worker.open();
  const labels = async (...texts: string[]) =>
    (await Promise.all(texts.map((text) => worker.ask(text)))).map((reading) => reading?.guesses[0]?.label);
  return { worker, log, labels };
}

test('each text gets its own answer, however many are asked at once', async (t) => {
  const { worker, labels } = await opened(t, { perJob: 3 });
  const texts = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? `instance failed ${'x '.repeat(i)}` : `rabbit unreachable ${i}`));
  t.deepEqual(
    await labels(...texts),
    texts.map((_, i) => (i % 2 === 0 ? 'instance.failure' : 'messaging.connection')),
  );
  t.is((await worker.ask('claim memory'))?.guesses.length, 3);
  await worker.close();
});

test('without the libraries of CUDA the processor answers, with a warning', async (t) => {
  const { worker, log, labels } = await opened(t, {}, undefined, { executionProviders: ['cuda'] });
  t.deepEqual(await labels('rabbit'), ['messaging.connection']);
  t.is(log.said.length, 1);
  t.regex(log.said.join(), /^warn CUDA cannot be used, the CPU is: /);
  await worker.close();
});

test('only so many tokens of a text are read', async (t) => {
  const { worker, labels } = await opened(t, {}, undefined, { maxTokens: 8 });
  t.deepEqual(await labels('x x x x x rabbit claim claim', 'x x x x x x rabbit claim claim claim claim'), [
    'messaging.connection',
    'instance.failure',
  ]);
  await worker.close();
});

test('a text longer than the model is cut, and an empty one is answered', async (t) => {
  const { worker, labels } = await opened(t);
  t.deepEqual(await labels(`rabbit ${'x '.repeat(100_000)}claim claim claim`), ['messaging.connection']);
  t.is((await labels('')).length, 1);
  await worker.close();
});

test('more than may wait is asked for when there is room', async (t) => {
  const { worker, labels } = await opened(t, { perJob: 2, waiting: 3 });
  t.deepEqual(await labels(...Array<string>(20).fill('rabbit')), Array(20).fill('messaging.connection'));
  await worker.close();
});

test('a worker that dies is started again, and what it had is asked again', async (t) => {
  const { worker, log, labels } = await opened(t, { perJob: 2 }, MORTAL);
  const answers = await labels('rabbit once', 'claim', 'instance failed', 'rabbit');
  t.deepEqual(answers, ['messaging.connection', 'capacity.allocation', 'instance.failure', 'messaging.connection']);
  t.deepEqual(
    log.said.map((line) => line.slice(0, 30)),
    ['error the inference worker died'.slice(0, 30)],
  );
  await worker.close();
});

test('a text that the worker always dies of has no answer, and takes no other with it', async (t) => {
  const { worker, log, labels } = await opened(t, { perJob: 2 }, MORTAL);
  t.deepEqual(await labels('rabbit', 'poison', 'claim', 'rabbit'), [
    'messaging.connection',
    undefined,
    'capacity.allocation',
    'messaging.connection',
  ]);
  t.is(log.said.length, 2);
  t.deepEqual(await worker.ask('poison'), { guesses: [], pooled: null });
  await worker.close();
});

test('a worker that has answered much is replaced, and nobody loses an answer', async (t) => {
  const { worker, log, labels } = await opened(t, { perJob: 3, texts: 10 }, MORTAL);
  const texts = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? `instance failed ${i}` : `rabbit unreachable ${i}`));
  const right = texts.map((_, i) => (i % 2 === 0 ? 'instance.failure' : 'messaging.connection'));
  t.deepEqual(await labels(...texts), right);
  t.is(readFileSync(join(worker.start.model.path, 'started'), 'utf8').length, 5, 'twelve texts each');
  t.deepEqual(log.said, []);
  // Also while it dies of one of them.
  t.deepEqual(await labels(...texts, 'claim once', ...texts), [...right, 'capacity.allocation', ...right]);
  const open = labels(...texts);
  await worker.close();
  t.is((await open).length, texts.length);
});

test('a worker that is stuck is ended and replaced', async (t) => {
  const { worker, labels } = await opened(t, { perJob: 1, jobTimeoutMs: 100 }, MORTAL);
  t.deepEqual(await labels('stuck', 'claim'), [undefined, 'capacity.allocation']);
  await worker.close();
});

test('a model that always dies is left alone: nothing waits for it', async (t) => {
  const { worker, labels } = await opened(t, { perJob: 1, deaths: 2 }, MORTAL);
  t.deepEqual(await labels('poison', 'poison a', 'poison b'), [undefined, undefined, undefined]);
  t.is(await worker.ask('claim'), null);
  await worker.close();
});

test('after the end nothing is answered, and nobody waits', async (t) => {
  const { worker } = await opened(t);
  const open = worker.ask('claim');
  await worker.close();
  t.is(await open, null);
  t.is(await worker.ask('claim'), null);
});
