import type { Logger } from 'winston';
import { isSameComponent } from '../config/changes.js';
import type { InputConfig } from '../config/load.js';
import { TrilogError } from '../errors.js';
import type { Input } from '../plugin/contract.js';
import { InputStanding, type Standing } from '../telemetry/standing.js';
import { type ComponentContexts, closed, started } from './component-contexts.js';
import { Progress } from './progress.js';
import { within } from './within.js';

interface OpenInput {
  readonly spec: InputConfig;
  readonly input: Input;
  readonly standing: InputStanding;
  readonly progress: Progress;
  readonly stopping: AbortController;
  readonly givingUp: AbortController;
  /** Resolves when nothing more comes of it. Never rejects. */
  flow: Promise<void>;
}

/** What a record's way needs of the input that it comes from. */
export interface Flowing {
  readonly input: Input;
  readonly progress: Progress;
  /** Aborts when no more is to be read. */
  readonly stop: AbortSignal;
  /** Aborts when what was read and is not sent yet is to be let go of. */
  readonly giveUp: AbortSignal;
}

export interface InputsParts {
  readonly contexts: ComponentContexts;
  readonly standing: Standing;
  /** Of the agent. */
  readonly stop: AbortSignal;
  readonly giveUp: AbortSignal;
  readonly log: Logger;
  /** Takes all that an input reads on its way. */
  flow(flowing: Flowing): Promise<void>;
  /** What an input that leaves had on its way has been dropped. */
  dropped(): void;
  /** A defect on that way. */
  broken(error: unknown): void;
}

/** The inputs of an agent, and what flows from them. */
export class Inputs {
  #open: readonly OpenInput[] = [];
  #replacing: Promise<void> | null = null;
  #closed = false;

  constructor(readonly parts: InputsParts) {}

  /** @throws TrilogError where one cannot start; those that are open by then stay so until {@link close}. */
  async open(wanted: readonly InputConfig[]): Promise<void> {
    // They stand there from the start, also while one of them is still being opened.
    const standings = wanted.map(({ name, plugin }) => new InputStanding(name, plugin.type));
    this.parts.standing.inputs = standings;
    for (const [i, spec] of wanted.entries()) this.#open = [...this.#open, await this.#opened(spec, standings[i])];
  }

  get all(): readonly Input[] {
    return this.#open.map(({ input }) => input);
  }

  /** Lets them flow. */
  start(): void {
    for (const one of this.#open) this.#begin(one);
  }

  /** Resolves when all have ended. */
  async ended(): Promise<void> {
    for (let open: readonly OpenInput[] | null = null; open !== this.#open; ) {
      open = this.#open;
      await Promise.all(open.map(({ flow }) => flow));
      await this.#replacing;
    }
  }

  /**
   * Opens, closes and replaces inputs until they are the wanted ones; those that are the same go on. What was read of one that leaves is waited for; what is
   * not stored in time is read again by its successor.
   * @throws TrilogError where one cannot start, or one that leaves cannot be replaced; then all are as before.
   */
  async replace(wanted: readonly InputConfig[], withinMs: number): Promise<void> {
    const replacing = this.#replace(wanted, withinMs);
    this.#replacing = replacing
      .catch(() => {})
      .finally(() => {
        this.#replacing = null;
      });
    await replacing;
  }

  /** The last opened first. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { input } of this.#open.toReversed()) await closed(input, this.parts.log);
  }

  async #replace(wanted: readonly InputConfig[], withinMs: number): Promise<void> {
    const same = (one: InputConfig): OpenInput | undefined => this.#open.find(({ spec }) => isSameComponent(spec, one));
    const kept = wanted.flatMap((one) => same(one) ?? []);
    const leaving = this.#open.filter((one) => !kept.includes(one));
    const once = leaving.find(({ input }) => input.isIrreplaceable === true);
    if (once !== undefined)
      throw new TrilogError('INPUT_FAILED', `inputs: what ${once.spec.name} reads cannot be read again; only a restart can change it`);
    await Promise.all(leaving.map((one) => this.#end(one, withinMs)));
    const coming: OpenInput[] = [];
    try {
      for (const one of wanted) if (same(one) === undefined) coming.push(await this.#opened(one));
    } catch (error) {
      for (const { input } of coming.toReversed()) await closed(input, this.parts.log);
      await this.#takeBack(leaving);
      throw error;
    }
    if (this.#closed) for (const { input } of coming) await closed(input, this.parts.log);
    const now = new Map([...kept, ...coming].map((one) => [one.spec.name, one]));
    this.#now(wanted.flatMap(({ name }) => now.get(name) ?? []));
    for (const one of coming) this.#begin(one);
  }

  async #end({ input, progress, stopping, givingUp, flow }: OpenInput, withinMs: number): Promise<void> {
    stopping.abort();
    await within(
      flow.then(() => progress.emptied()),
      withinMs,
    );
    // What settles later is none of its successor's.
    progress.cut();
    givingUp.abort();
    this.parts.dropped();
    await closed(input, this.parts.log);
  }

  /** Opens again what was closed for others that cannot start. Where that cannot be done either, the agent ends in order. */
  async #takeBack(leaving: readonly OpenInput[]): Promise<void> {
    const again = new Map<string, OpenInput>();
    try {
      for (const { spec } of leaving) again.set(spec.name, await this.#opened(spec));
    } catch (error) {
      this.parts.broken(error);
    }
    this.#now(this.#open.map((one) => again.get(one.spec.name) ?? one));
    for (const one of again.values()) this.#begin(one);
  }

  #now(open: readonly OpenInput[]): void {
    this.#open = open;
    this.parts.standing.inputs = open.map(({ standing }) => standing);
  }

  #begin(one: OpenInput): void {
    const { input, progress, stopping, givingUp } = one;
    const { stop, giveUp } = this.parts;
    const flowing = {
      input,
      progress,
      stop: AbortSignal.any([stop, stopping.signal]),
      giveUp: AbortSignal.any([giveUp, givingUp.signal]),
    };
    one.flow = this.parts.flow(flowing).catch((error: unknown) => {
      if (!givingUp.signal.aborted) this.parts.broken(error);
    });
  }

  async #opened(spec: InputConfig, standing = new InputStanding(spec.name, spec.plugin.type)): Promise<OpenInput> {
    const { name, plugin, config } = spec;
    const context = await this.parts.contexts.of('inputs', name);
    const input = await started('INPUT_FAILED', `input ${name}`, () => plugin.create(config, context));
    standing.opened(input);
    const progress = new Progress((source, position) => input.settled(source, position));
    return { spec, input, standing, progress, stopping: new AbortController(), givingUp: new AbortController(), flow: Promise.resolve() };
  }
}
