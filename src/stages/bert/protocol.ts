import type { ModelFolder } from './model-folder.js';
import type { Guess } from './softmax.js';

export const EXECUTION_PROVIDERS = ['cpu', 'cuda'] as const;
export type ExecutionProvider = (typeof EXECUTION_PROVIDERS)[number];

/** What a model is opened with. */
export interface ModelStart {
  readonly model: ModelFolder;
  readonly maxTokens: number;
  readonly threads: number;
  readonly executionProviders: readonly ExecutionProvider[];
}

/** What the inference worker is started with. */
export interface WorkerStart extends ModelStart {
  /** Answers come with what the encoder makes of a text, where the graph says that. */
  readonly pooled: boolean;
}

/** What the model says of a text. */
export interface Reading {
  /** The likeliest labels, the likeliest first; empty for a text that the model gave no numbers for. */
  readonly guesses: readonly Guess[];
  /** Null where nobody asked for it, or the graph has no such output. */
  readonly pooled: Float32Array | null;
}

/** Of a text that the model gave no numbers for. */
export const NO_READING: Reading = { guesses: [], pooled: null };

/** Texts to classify. Jobs are done in the order in which they are sent. */
export interface Job {
  readonly id: number;
  readonly texts: readonly string[];
}

/** `close`: the job that is at work is finished, those behind it are left, and the thread ends. */
export type ToWorker = Job | 'close';

export type FromWorker =
  /** The session is open and has answered once. */
  | { readonly kind: 'ready'; readonly warning: string | null }
  /** The session cannot be opened, or does not fit what `model.json` says; the worker ends. */
  | { readonly kind: 'unusable'; readonly runtime: boolean; readonly reason: string }
  /** Of each text, in order. */
  | { readonly kind: 'answers'; readonly id: number; readonly answers: readonly Reading[] }
  | { readonly kind: 'failed'; readonly id: number; readonly reason: string };
