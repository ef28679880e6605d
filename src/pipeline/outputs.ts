import type { Logger } from 'winston';
import { isSameComponent } from '../config/changes.js';
import type { OutputConfig } from '../config/load.js';
import { ERRORS, TrilogError } from '../errors.js';
import type { Input } from '../plugin/contract.js';
import type { Level } from '../record/record.js';
import { OutputStanding, type Standing } from '../telemetry/standing.js';
import { Amendments } from './amendments.js';
import { type ComponentContexts, closed, started } from './component-contexts.js';
import type { DeadLetterStore } from './dead-letters.js';
import { Delivery, type DeliveryEvents } from './delivery.js';
import { compileWhen } from './route.js';

interface OpenOutput {
  readonly spec: OutputConfig;
  readonly standing: OutputStanding;
  readonly delivery: Delivery;
}

export interface OutputsParts {
  readonly contexts: ComponentContexts;
  readonly standing: Standing;
  readonly deadLetters: DeadLetterStore;
  readonly maxWriteBytes: number;
  /** Levels of records that the language model may find a label for later; null without one. */
  readonly askedLevels: ReadonlySet<Level> | null;
  /** Aborts when the agent gives up on waiting. */
  readonly giveUp: AbortSignal;
  readonly log: Logger;
  /** A defect of an output. */
  broken(error: unknown): void;
}

/** The outputs of an agent and the queues before them. Some may be replaced while records flow: those wait for it then. */
export class Outputs {
  #open: readonly OpenOutput[] = [];
  /** Outputs are being replaced. */
  #replacing: Promise<void> | null = null;
  #closed = false;

  constructor(readonly parts: OutputsParts) {}

  /** @throws TrilogError where one cannot start; those that are open by then stay so until {@link close}. */
  async open(wanted: readonly OutputConfig[]): Promise<void> {
    for (const spec of wanted) this.#now([...this.#open, await this.#opened(spec)]);
  }

  /** Where batches go. Only what was asked for after {@link ready}, in the same turn, may be sent to. */
  get deliveries(): readonly Delivery[] {
    return this.#open.map(({ delivery }) => delivery);
  }

  /** Resolves when batches may be sent. */
  async ready(): Promise<void> {
    while (this.#replacing !== null) await this.#replacing;
  }

  tie(inputs: readonly Input[]): void {
    for (const { output } of this.deliveries) output.tie?.(inputs);
  }

  /** One stores the inputs' positions itself. */
  get areTied(): boolean {
    return this.deliveries.some(({ output }) => output.tie !== undefined);
  }

  /**
   * Opens, closes and replaces outputs until they are the wanted ones; those that are the same stay open. Who leaves first writes what it has.
   * @throws TrilogError where one cannot get rid of what it has in time, or another cannot start; then all are as before.
   */
  async replace(wanted: readonly OutputConfig[], withinMs: number): Promise<void> {
    let end = (): void => {};
    this.#replacing = new Promise((resolve) => {
      end = resolve;
    });
    try {
      await this.#replace(wanted, withinMs);
    } finally {
      this.#replacing = null;
      end();
    }
  }

  /** Lets go of what waits and is read again. */
  forgetDropped(): void {
    for (const delivery of this.deliveries) delivery.forgetDropped();
  }

  /** Resolves when all that they were given is written, or the agent has given up. Nothing may be sent after. */
  async drained(): Promise<void> {
    await this.ready();
    await Promise.all(this.deliveries.map((delivery) => delivery.drained()));
  }

  /** The last opened first. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { delivery } of this.#open.toReversed()) await closed(delivery.output, this.parts.log);
  }

  async #replace(wanted: readonly OutputConfig[], withinMs: number): Promise<void> {
    const same = (one: OutputConfig): OpenOutput | undefined => this.#open.find(({ spec }) => isSameComponent(spec, one));
    const kept = wanted.flatMap((one) => same(one) ?? []);
    const leaving = this.#open.filter((one) => !kept.includes(one));
    if (leaving.length === 0 && kept.length === wanted.length) return;
    if (this.areTied) throw new TrilogError('OUTPUT_FAILED', 'outputs: one delivers exactly once, which only a restart can change');
    await allEmptied(leaving, withinMs);
    for (const { delivery } of leaving.toReversed()) await closed(delivery.output, this.parts.log);
    const coming: OpenOutput[] = [];
    try {
      for (const one of wanted) if (same(one) === undefined) coming.push(await this.#opened(one));
      if (coming.some(({ delivery }) => delivery.output.tie !== undefined))
        throw new TrilogError('OUTPUT_FAILED', 'outputs: one is to deliver exactly once, which only a restart can change');
    } catch (error) {
      for (const { delivery } of coming.toReversed()) await closed(delivery.output, this.parts.log);
      await this.#takeBack(leaving);
      throw error;
    }
    if (this.#closed) for (const { delivery } of coming) await closed(delivery.output, this.parts.log);
    const now = new Map([...kept, ...coming].map((one) => [one.spec.name, one]));
    this.#now(wanted.flatMap(({ name }) => now.get(name) ?? []));
    await this.parts.contexts.findOwnFiles();
  }

  /** Opens again what was closed for others that cannot start. Where that cannot be done either, the agent ends in order. */
  async #takeBack(leaving: readonly OpenOutput[]): Promise<void> {
    const again = new Map<string, OpenOutput>();
    try {
      for (const { spec } of leaving) again.set(spec.name, await this.#opened(spec));
    } catch (error) {
      this.parts.broken(error);
    }
    this.#now(this.#open.map((one) => again.get(one.spec.name) ?? one));
  }

  #now(open: readonly OpenOutput[]): void {
    this.#open = open;
    this.parts.standing.outputs = open.map(({ standing }) => standing);
  }

  async #opened(spec: OutputConfig): Promise<OpenOutput> {
    const { parts } = this;
    const { name, plugin, config, when } = spec;
    const context = await parts.contexts.of('outputs', name);
    const output = await started('OUTPUT_FAILED', `output ${name}`, () => plugin.create(config, context));
    const standing = new OutputStanding(name, plugin.type);
    const wants = when === null ? null : compileWhen(when);
    const amendments = output.amend === undefined || parts.askedLevels === null ? null : new Amendments(parts.askedLevels);
    const events = this.#eventsOf(name, standing);
    const delivery = new Delivery(name, output, wants, parts.deadLetters, parts.maxWriteBytes, events, parts.giveUp, amendments);
    standing.hasQueue(
      () => delivery.unsettled,
      () => delivery.atWork,
    );
    return { spec, standing, delivery };
  }

  #eventsOf(name: string, standing: OutputStanding): DeliveryEvents {
    const { work, tally } = this.parts.standing;
    const log = this.parts.log.child({ component: name });
    const count = (event: string, by?: number): void => tally.count(`outputs.${name}.${event}`, by);
    return {
      wrote: (records) => {
        standing.wrote();
        work.step();
        count('records', records);
      },
      rejected: (records) => count('dead_letters', records),
      failed: (error, attempt) => {
        count('retries');
        standing.failed(error.message);
        if (error.cause instanceof TrilogError && error.cause.code === 'DEAD_LETTERS_FULL')
          log.error(ERRORS.DEAD_LETTERS_FULL, { attempt, error: error.message });
        else log.warn('a write failed and will be tried again', { attempt, error: error.message });
      },
      amended: (records) => count('amended', records),
      unamended: (records, error) => {
        count('unamended', records);
        log.warn('late labels could not be brought; their records stay unclassified', { records, error: String(error) });
      },
      broken: (error) => this.parts.broken(error),
    };
  }
}

/** @throws TrilogError where one cannot write in time what it has. */
async function allEmptied(leaving: readonly OpenOutput[], withinMs: number): Promise<void> {
  const empty = await Promise.all(leaving.map(({ delivery }) => delivery.emptied(withinMs)));
  const stuck = leaving.filter((_, i) => empty[i] === false).map(({ spec }) => spec.name);
  if (stuck.length > 0)
    throw new TrilogError(
      'OUTPUT_FAILED',
      `outputs: ${stuck.join(', ')} cannot write what it has; only a restart can change it before it does`,
    );
}
