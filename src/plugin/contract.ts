import type { z } from 'zod';
import type { EventClass } from '../record/event-class.js';
import type { LogRecord, Stage } from '../record/record.js';
import type { LineBlock, Source } from '../record/source.js';

/** What an agent lends to a component. */
export interface ComponentContext {
  /** The component's name in the configuration. */
  readonly name: string;
  /** A folder of the component's own below `data_dir`; it exists. */
  readonly dataDir: string;
  /** The configuration file's folder: a relative path among the component's keys is relative to it. */
  readonly configDir: string;
  /** This machine's name. */
  readonly host: string;
  /** Files that the agent itself writes now; no input may read them. The same list until there are others: a reload may bring outputs. */
  ownFiles(): readonly string[];
  readonly log: ComponentLog;
  /** Counts something by name, such as `lines_cut`; it appears in the summary and the metrics. */
  count(name: string, by?: number): void;
}

/** The agent's own log, with the component's name in every line. */
export interface ComponentLog {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** How much an input's sources hold that is not stored yet. */
export interface Lag {
  readonly unit: 'bytes' | 'messages';
  readonly amount: number;
}

/**
 * Reads lines from somewhere.
 *
 * The source is the buffer: an input keeps nothing that cannot be read again, yields only as fast as it is asked, and remembers per source how
 * far everything has been stored.
 */
export interface Input {
  /** What it reads can be read once only, by this object, so that only a restart may replace it. */
  readonly isIrreplaceable?: boolean;
  /** Opens what it reads from. @throws if it cannot: the agent then does not start. */
  open(): Promise<void>;
  /** Only of inputs that {@link open} without the other side: says whether it can be reached and read. @throws with what is wrong. */
  check?(signal: AbortSignal): Promise<void>;
  /** Yields blocks, of one source in order, until the signal stops it or (where the input has an end) everything has been read. */
  read(signal: AbortSignal): AsyncIterable<LineBlock>;
  /** All records of the source that begin before `position` are stored: reading may go on there after a restart. Called in order. */
  settled(source: Source, position: number): void;
  /**
   * Only of inputs that know it at once, without asking anybody who may not answer: how much is not stored yet. Null while it is not known. Asked whenever
   * somebody looks, also while nothing is read.
   */
  lag?(): Lag | null;
  /** Makes what {@link settled} said durable, and lets go of everything. Called after the last `settled`. */
  close(): Promise<void>;
}

/** A record that an output will never take, and why: it goes to the dead letters. */
export interface Rejection {
  /** The record as JSON in the ECS profile, with its `event.id`: a replay makes the record anew from it, and tells by the id who was refused. */
  readonly document: string;
  readonly reason: string;
}

/** What is known now of a record that was written as `unclassified`. */
export interface Amendment {
  /** The record's id. */
  readonly id: string;
  readonly templateId: string;
  readonly label: string;
  readonly confidence: number;
  readonly stage: Stage;
  /** How the label reads in the Elastic Common Schema. */
  readonly event: EventClass | null;
}

/** How an output wants its writes, where it does not want them one at a time, each with whatever is there. */
export interface Pace<Encoded = unknown> {
  /** Writes that may be under way at once, at least 1. Asked before each, so it may change. Which of them is stored first is then open. */
  readonly parallel: number;
  /** What makes a write full, in bytes as {@link sizeOf} counts them. Only a single parcel may be larger. */
  readonly fullBytes: number;
  /** How long a write that is not full waits for more, in milliseconds. */
  readonly waitMs: number;
  sizeOf(parcel: Encoded): number;
}

/** What a write may throw to be tried again no sooner than the other side asked for. */
export class TryLater extends Error {
  override readonly name = 'TryLater';
  constructor(
    message: string,
    /** In milliseconds from now. */
    readonly afterMs: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Stores records somewhere, in two steps: a batch is encoded at once, so that its records need not be kept while an earlier write is under way;
 * then everything that was encoded meanwhile is written together.
 *
 * One write at a time, in order, unless it has a {@link Pace}. A write that throws is tried again with the same parcels, for ever, with growing pauses;
 * so it throws for what can heal and returns rejections for what cannot. What of a parcel is stored already may be noted in it.
 */
export interface Output<Encoded = unknown> {
  readonly pace?: Pace<Encoded>;
  /** Opens what it writes to. @throws if it cannot: the agent then does not start. */
  open(): Promise<void>;
  /** Only of outputs that {@link open} without the other side: says whether it can be reached and takes what is written. @throws with what is wrong. */
  check?(signal: AbortSignal): Promise<void>;
  /** Puts a batch into the form in which it is written. Must not fail, and must not keep the records. */
  encode(records: readonly LogRecord[]): Encoded;
  /**
   * Resolves when every record is stored durably or rejected; something else than a list of rejections ends the agent. The signal says that the
   * agent gives up on waiting.
   */
  write(parcels: readonly Encoded[], signal: AbortSignal): Promise<readonly Rejection[]>;
  /**
   * Only of outputs that can change what they stored: gives records that were written as `unclassified` the label that the language model found later.
   * Called after the write of the record. What it throws is tried a few times, then counted and let go: the next records of the template have the label anyway.
   * Records that this output does not have any more are none of its business.
   */
  amend?(amendments: readonly Amendment[], signal: AbortSignal): Promise<void>;
  /**
   * Only of outputs that store positions of an input together with the records, so that neither is ever there without the other: is given all inputs of
   * the agent. Called once, after every component is open and before the first read; never by commands that write without inputs.
   */
  tie?(inputs: readonly Input[]): void;
  close(): Promise<void>;
}

/** A component as it is configured. */
export interface Companion {
  readonly kind: 'input' | 'output';
  readonly name: string;
  /** The type of its plugin. */
  readonly type: string;
  /** What its schema made of its keys. */
  readonly config: unknown;
}

/**
 * One kind of component. The schema is its only definition: validation, `trilog list` and the reference are made from it, so every key has
 * a description and carries its unit in its name.
 */
interface PluginBase<Kind extends string, Config, Component> {
  readonly kind: Kind;
  /** The word in the configuration's `type:`. */
  readonly type: string;
  /** One sentence for `trilog list`. */
  readonly summary: string;
  /** A strict object schema of the keys beside `type` and the ones that every component has. */
  readonly config: z.ZodType<Config>;
  /**
   * What is wrong with a component in the company of the agent's others, itself among them; null where nothing is. Asked when a configuration is loaded
   * of which every component is right by itself.
   */
  problem?(config: Config, company: readonly Companion[]): string | null;
  create(config: Config, context: ComponentContext): Component;
}

// biome-ignore lint/suspicious/noExplicitAny: a registry holds plugins of every config type; each is only ever given what its own schema parsed.
export type InputPlugin<Config = any> = PluginBase<'input', Config, Input>;
// biome-ignore lint/suspicious/noExplicitAny: as above.
export type OutputPlugin<Config = any> = PluginBase<'output', Config, Output<any>> & {
  /** True where only one process at a time may write to the same place: `trilog replay` then wants the agent to be stopped. */
  readonly exclusive?: boolean;
};
export type Plugin = InputPlugin | OutputPlugin;
