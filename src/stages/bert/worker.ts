import { parentPort, workerData } from 'node:worker_threads';
import { Classifier, reasonOf } from './classifier.js';
import type { FromWorker, Job, ToWorker, WorkerStart } from './protocol.js';
import { loadRuntime, type Runtime } from './runtime.js';

/** Lengths, in words, that the model is run with before anybody asks: the first run of a graph is slower than others. */
const WARM_UP_WORDS = [4, 12, 24];

/** The thread that the model blocks while it thinks. */
async function serve(
  start: WorkerStart,
  send: (message: FromWorker) => void,
  receive: (listener: (message: ToWorker) => void) => void,
  end: () => void,
): Promise<void> {
  let runtime: Runtime;
  try {
    runtime = await loadRuntime();
  } catch (error) {
    return send({ kind: 'unusable', runtime: true, reason: reasonOf(error) });
  }
  let classifier: Classifier;
  try {
    classifier = await Classifier.open(start, runtime);
  } catch (error) {
    return send({ kind: 'unusable', runtime: false, reason: reasonOf(error) });
  }
  // One after the other: jobs that come meanwhile wait in the port.
  let last: Promise<void> = warmUp(classifier).catch(() => {});
  let closing = false;
  receive((message) => {
    if (message === 'close') closing = true;
    last = last.then(() => (message === 'close' ? end() : closing ? undefined : answer(classifier, message, start.pooled).then(send)));
  });
  send({ kind: 'ready', warning: classifier.warning });
  await last;
}

async function warmUp(classifier: Classifier): Promise<void> {
  for (const words of WARM_UP_WORDS) await classifier.classify([Array(words).fill('instance').join(' ')]);
}

async function answer(classifier: Classifier, { id, texts }: Job, pooled: boolean): Promise<FromWorker> {
  try {
    return { kind: 'answers', id, answers: await classifier.read(texts, pooled) };
  } catch (error) {
    return { kind: 'failed', id, reason: reasonOf(error) };
  }
}

const port = parentPort;
if (port !== null)
  await serve(
    workerData as WorkerStart,
    (message) => port.postMessage(message),
    (listener) => port.on('message', listener),
    () => port.close(),
  );
