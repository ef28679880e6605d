import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, TrilogError } from '../../errors.js';
import type { ComponentLog } from '../../plugin/contract.js';
import { type FromWorker, type Job, NO_READING, type Reading, type ToWorker, type WorkerStart } from './protocol.js';
import { type Question, Questions } from './questions.js';
import { refuseTelemetry } from './runtime.js';

export interface WorkerLimits {
  /** Texts of one job. */
  readonly perJob: number;
  /** Jobs that the worker has: one at work, and the next at hand. */
  readonly jobs: number;
  /** Texts that may wait for an answer; who asks for more waits until there is room. */
  readonly waiting: number;
  /** After so many texts a new thread takes over: what the native library may have lost of its memory comes back with the old one. */
  readonly texts: number;
  /** A job that takes longer is stuck. */
  readonly jobTimeoutMs: number;
  /** So long may the job that is at work take at the end. */
  readonly closeMs: number;
  /** Pause before a new worker, doubled with each that ends without an answer. */
  readonly restartMs: number;
  /** So many workers may end without an answer before the model is left alone for a while. */
  readonly deaths: number;
  /** How long it is left alone; meanwhile everything stays without an answer. */
  readonly restMs: number;
}

export const WORKER_LIMITS: WorkerLimits = {
  ...{ perJob: 128, jobs: 2, waiting: 16_384, texts: 1_000_000, jobTimeoutMs: 60_000, closeMs: 5000 },
  ...{ restartMs: 100, deaths: 5, restMs: 60_000 },
};

type State = 'starting' | 'ready' | 'recycling' | 'pausing' | 'resting' | 'closed';

/**
 * The model, in a thread of its own. It is started again when it dies or has answered much, and what it had not answered is asked again; over a text that it dies of
 * twice it is not asked a third time.
 */
export class InferenceWorker {
  readonly #questions: Questions;
  readonly #sent = new Map<number, readonly Question[]>();
  readonly #room: (() => void)[] = [];
  #state: State = 'starting';
  #worker: Worker | null = null;
  #unanswered = 0;
  #deaths = 0;
  #jobs = 0;
  /** Texts that this thread was given. */
  #given = 0;
  #dispatching = false;
  #timer: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(
    readonly start: WorkerStart,
    readonly log: ComponentLog,
    readonly limits: WorkerLimits = WORKER_LIMITS,
    /** The worker's code; a test gives one that dies. */
    readonly entry: URL = new URL('./worker.js', import.meta.url),
  ) {
    this.#questions = new Questions(limits.perJob);
  }

  /** Starts the thread. Resolves when the model has answered once. @throws TrilogError `MODEL_INVALID` or `RUNTIME_MISSING`. */
  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const failed = (code: ErrorCode, reason: string): void => {
        this.#state = 'closed';
        reject(new TrilogError(code, reason));
      };
      this.#spawn(resolve, failed);
    });
  }

  /** What the model says; no guesses where it breaks over this text, null where it is out of order. Never throws. */
  async ask(text: string): Promise<Reading | null> {
    while (this.#unanswered >= this.limits.waiting) await new Promise<void>((resolve) => this.#room.push(resolve));
    if (this.#state === 'closed' || this.#state === 'resting') return null;
    return await new Promise((resolve) => {
      this.#unanswered++;
      const answer = (reading: Reading | null): void => {
        this.#unanswered--;
        this.#room.shift()?.();
        resolve(reading);
      };
      this.#questions.add({ text, answer, failures: 0 });
      this.#dispatchSoon();
    });
  }

  /** Ends the thread; what waits stays without an answer. */
  async close(): Promise<void> {
    this.#state = 'closed';
    clearTimeout(this.#timer);
    clearTimeout(this.#watch);
    this.#forgetAll();
    const worker = this.#worker;
    if (worker === null) return;
    // A thread that is ended from outside in the middle of an inference takes the whole process with it (onnxruntime-node 1.30.0 aborts).
    worker.ref();
    const exit = once(worker, 'exit');
    worker.postMessage('close' satisfies ToWorker);
    const stuck = setTimeout(() => void worker.terminate(), this.limits.closeMs);
    await exit;
    clearTimeout(stuck);
  }

  #spawn(opened?: () => void, unusable?: (code: ErrorCode, reason: string) => void): void {
    this.#state = 'starting';
    this.#given = 0;
    refuseTelemetry();
    const worker = new Worker(this.entry, { workerData: this.start, name: 'trilog-bert' });
    this.#worker = worker;
    let reason = 'it ended';
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'unusable') {
        reason = message.reason;
        unusable?.(message.runtime ? 'RUNTIME_MISSING' : 'MODEL_INVALID', message.reason);
      } else if (message.kind === 'ready') {
        if (message.warning !== null) this.log.warn(message.warning);
        this.#state = 'ready';
        opened?.();
        this.#dispatch();
      } else this.#answered(message);
    });
    worker.on('messageerror', (error) => {
      reason = error.message;
    });
    worker.on('error', (error) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    worker.once('exit', () => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      if (this.#state === 'closed') return;
      if (this.#state === 'recycling') this.#spawn();
      else if (this.#state === 'starting' && unusable !== undefined)
        unusable('MODEL_INVALID', `the inference worker could not start: ${reason}`);
      else this.#died(reason);
    });
  }

  #answered(message: Extract<FromWorker, { kind: 'answers' | 'failed' }>): void {
    const job = this.#sent.get(message.id);
    if (job === undefined) return;
    this.#sent.delete(message.id);
    if (message.kind === 'answers') {
      this.#deaths = 0;
      for (const [i, question] of job.entries()) question.answer(message.answers[i] ?? NO_READING);
    } else {
      this.log.warn('the model failed over a job; its texts are asked again one by one', { reason: message.reason, texts: job.length });
      this.#questions.blame(job);
    }
    this.#watchOldest();
    this.#dispatch();
  }

  /** The oldest job is the one that it died over; those behind it had not begun. */
  #died(reason: string): void {
    const [suspect, ...behind] = [...this.#sent.values()];
    this.#sent.clear();
    clearTimeout(this.#watch);
    this.#questions.takeBack(behind);
    if (suspect !== undefined) this.#questions.blame(suspect);
    this.#deaths++;
    this.log.error('the inference worker died', { reason, deaths: this.#deaths });
    const resting = this.#deaths >= this.limits.deaths;
    this.#state = resting ? 'resting' : 'pausing';
    if (resting) this.#forgetAll();
    const pause = resting ? this.limits.restMs : this.limits.restartMs * 2 ** (this.#deaths - 1);
    this.#timer = setTimeout(() => this.#spawn(), pause);
    // Somebody waits for an answer as long as there are questions; nobody does while it rests.
    if (resting) this.#timer.unref();
  }

  #forgetAll(): void {
    for (const job of this.#sent.values()) for (const question of job) question.answer(null);
    this.#sent.clear();
    this.#questions.giveUp();
    for (const resume of this.#room.splice(0)) resume();
  }

  /** Texts of one batch are asked one after the other without a pause: they are sent together. */
  #dispatchSoon(): void {
    if (this.#dispatching) return;
    this.#dispatching = true;
    queueMicrotask(() => {
      this.#dispatching = false;
      this.#dispatch();
    });
  }

  #dispatch(): void {
    if (this.#state !== 'ready' || this.#worker === null) return;
    const worn = (): boolean => this.#given >= this.limits.texts;
    if (worn() && this.#sent.size === 0) {
      this.#recycle(this.#worker);
      return;
    }
    while (this.#sent.size < this.limits.jobs && !worn() && !this.#alone) {
      const job = this.#questions.take(this.#sent.size === 0);
      if (job.length === 0) break;
      const id = this.#jobs++;
      this.#given += job.length;
      this.#sent.set(id, job);
      this.#worker.postMessage({ id, texts: job.map(({ text }) => text) } satisfies Job);
      if (this.#sent.size === 1) this.#watchOldest();
    }
    // A thread that is at work keeps the process alive, so that what was asked is answered; an idle one does not.
    if (this.#sent.size > 0) this.#worker.ref();
    else this.#worker.unref();
  }

  /** Nothing is at work in it; who asks meanwhile waits for the next thread. */
  #recycle(worker: Worker): void {
    this.#state = 'recycling';
    worker.ref();
    worker.postMessage('close' satisfies ToWorker);
    setTimeout(() => void worker.terminate(), this.limits.closeMs).unref();
  }

  /** The worker has a text that it may die of: nothing else is sent until that is settled. */
  get #alone(): boolean {
    const [oldest] = this.#sent.values();
    return oldest?.some(({ failures }) => failures > 0) === true;
  }

  #watchOldest(): void {
    clearTimeout(this.#watch);
    if (this.#sent.size === 0) return;
    this.#watch = setTimeout(() => void this.#worker?.terminate(), this.limits.jobTimeoutMs).unref();
  }
}
