import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Logger } from 'winston';
import type { AgentConfig } from '../config/load.js';
import { ERRORS, type ErrorCode, TrilogError } from '../errors.js';
import type { ComponentContext, Input, Output } from '../plugin/contract.js';
import { MEMORY_TABLE } from '../plugin/registry.js';
import { type CascadeHome, CascadePlan, COMMAND_HOME } from '../stages/build-cascade.js';
import { askedLevels } from '../stages/llm/config.js';
import { agentManner } from '../stages/llm/manner.js';
import { parseState } from '../stages/llm/state.js';
import { componentLog } from '../telemetry/log.js';
import { InputStanding, OutputStanding, Standing } from '../telemetry/standing.js';
import { Tally } from '../telemetry/tally.js';
import type { AgentWatcher, Probe } from '../telemetry/view.js';
import { Amendments } from './amendments.js';
import { type Batch, lastTimeOf } from './batch.js';
import { CheckpointFile } from './checkpoint.js';
import { CurrentCascade } from './current-cascade.js';
import { DataDir } from './data-dir.js';
import { ACTIVE_NAME, REPLAYED_NAME } from './dead-letter-files.js';
import { DeadLetterStore } from './dead-letters.js';
import { DecodeStage } from './decode.js';
import { Delivery } from './delivery.js';
import { Flight } from './flight.js';
import { InOrder } from './in-order.js';
import { ownFiles } from './own-files.js';
import { Progress } from './progress.js';
import { Receipt } from './receipt.js';
import { compileWhen } from './route.js';

/** Batches of an input that may wait for the model's answers at a time: a block of a file each, so that memory stays small. */
const BATCHES_ASKED = 16;

const NOBODY_LOOKS: Probe = { leaving: () => {}, settled: () => {}, classified: () => {} };
const NOBODY_WATCHES: AgentWatcher = { running: () => {}, stopping: () => {} };

/** Reads, classifies and ships until it is stopped or its inputs end. Nothing is shared: two agents can live in one process. */
export class Agent {
  readonly tally = new Tally();
  readonly #plan: CascadePlan;
  readonly #flight: Flight;
  readonly #standing: Standing;
  #probe: Probe = NOBODY_LOOKS;
  readonly #stopping = new AbortController();
  readonly #givingUp = new AbortController();
  /** Null before the start and from the stop on. */
  #cascade: { readonly current: CurrentCascade; readonly home: () => Promise<CascadeHome> } | null = null;
  #deliveries: readonly Delivery[] = [];
  /** A defect in a plugin or in trilog itself; it ends the agent after everything on its way has been stored. */
  #failure: unknown = null;
  #deadline: NodeJS.Timeout | undefined;
  /** The outputs are done: what the language model says now comes too late for them. */
  #drained = false;

  /** @throws TrilogError for rules, labels and models that are wrong. */
  constructor(
    readonly config: AgentConfig,
    readonly log: Logger,
    readonly watcher: AgentWatcher = NOBODY_WATCHES,
  ) {
    this.#plan = new CascadePlan(config, componentLog(log, 'classify'));
    this.#flight = new Flight(config.pipeline.max_in_flight_bytes);
    const inputs = config.inputs.map(({ name, plugin }) => new InputStanding(name, plugin.type));
    this.#standing = new Standing(this.tally, inputs, this.#flight, config.host);
  }

  /** Resolves after an orderly end. @throws TrilogError when a component cannot start; after the start nothing outside makes it throw. */
  async run(): Promise<void> {
    const dataDir = await DataDir.take(this.config.dataDir);
    const deadLetters = new DeadLetterStore(dataDir.path, this.config.deadLetters);
    const opened: (() => Promise<void>)[] = [() => dataDir.release(), () => deadLetters.close()];
    try {
      await this.#show(opened);
      // One for all cascades that follow each other: two would write the same file at the same time.
      const llmState = new CheckpointFile(join(dataDir.path, 'llm.json'), parseState);
      const home = (): Promise<CascadeHome> => this.#home(dataDir, llmState);
      const cascade = new CurrentCascade(await this.#plan.build(await home()));
      opened.push(() => cascade.close());
      this.#deliveries = await this.#openOutputs(dataDir, deadLetters, opened);
      const inputs = await this.#openInputs(dataDir, opened);
      for (const { output } of this.#deliveries) output.tie?.(inputs);
      this.#cascade = { current: cascade, home };
      this.#standing.labels = () => cascade.labels;
      this.#standing.state = 'running';
      this.log.info('running', { inputs: inputs.length, outputs: this.#deliveries.length });
      this.watcher.running(this.#standing);
      const flows = inputs.map((input) => this.#flow(input, cascade).catch((error: unknown) => this.#broken(error)));
      await this.#untilGivenUp(Promise.all(flows));
      await this.#untilGivenUp(Promise.all(this.#deliveries.map((delivery) => delivery.drained())));
      this.#drained = true;
      if (this.#givingUp.signal.aborted) this.log.warn(ERRORS.STOP_TIMEOUT, { unsettled_bytes: this.#flight.bytes });
      if (this.#failure !== null) throw this.#failure;
    } finally {
      clearTimeout(this.#deadline);
      // The last opened first: inputs make their positions durable before outputs and the folder go.
      for (const close of opened.reverse()) {
        try {
          await close();
        } catch (error) {
          this.log.error('could not close', { error: String(error) });
        }
      }
    }
  }

  /** Stops reading, lets the outputs finish within `stop_timeout_ms`, and lets {@link run} resolve. */
  stop(): void {
    if (this.#stopping.signal.aborted) return;
    this.log.info('stopping');
    this.#standing.state = 'stopping';
    this.watcher.stopping();
    this.#stopping.abort();
    this.#deadline = setTimeout(() => this.#givingUp.abort(), this.config.pipeline.stop_timeout_ms);
  }

  /**
   * Classifies by other rules and models from the next batch on. Resolves when the old ones are closed.
   * @throws TrilogError where the new ones cannot be opened; then the old ones stay.
   */
  async replaceCascade(plan: CascadePlan): Promise<void> {
    const before = this.#cascade;
    if (before === null) return;
    const next = await plan.build(await before.home());
    // It was stopped meanwhile: what takes the old one's place now would never be closed.
    if (this.#stopping.signal.aborted) await next.close();
    else await before.current.replace(next);
  }

  #broken(error: unknown): void {
    if (this.#givingUp.signal.aborted) return;
    this.#failure ??= error;
    this.stop();
  }

  /** Resolves with the promise, or when the agent gives up on waiting, whichever is first. */
  async #untilGivenUp(promise: Promise<unknown>): Promise<void> {
    if (!this.#givingUp.signal.aborted) await Promise.race([promise, once(this.#givingUp.signal, 'abort')]);
  }

  /** The whole way of a record. */
  async #flow(input: Input, cascade: CurrentCascade): Promise<void> {
    const progress = new Progress((source, position) => input.settled(source, position));
    // A batch that only rules and memory answer goes on at once. Behind one that the model must see some more are read and asked about meanwhile.
    const asked = new InOrder<Batch>(BATCHES_ASKED, (batch) => this.#ship(batch, progress));
    await pipeline(
      Readable.from(input.read(this.#stopping.signal), { highWaterMark: 1 }),
      new DecodeStage(this.#decodeOptions, this.#stopping.signal),
      new Writable({
        objectMode: true,
        highWaterMark: 1,
        write: (batch: Batch, _encoding, done) => {
          asked.add(batch, this.#classify(cascade, batch)).then(() => done(), done);
        },
        final: (done) => {
          asked.drained().then(() => done(), done);
        },
      }),
      { signal: this.#givingUp.signal },
    );
  }

  /** A promise where a model has to be waited for. */
  #classify(cascade: CurrentCascade, { records }: Batch): Promise<void> | undefined {
    const since = performance.now();
    const { work } = this.#standing;
    work.classifying++;
    const done = (): void => {
      work.classifying--;
      work.step();
      this.#probe.classified((performance.now() - since) / 1000);
    };
    const classified = cascade.classify(records);
    if (classified === undefined) done();
    return classified?.then(done);
  }

  /** Hands a batch to every output as soon as there is room in flight. */
  async #ship(batch: Batch, progress: Progress): Promise<void> {
    this.tally.add(batch.records);
    this.#probe.leaving(batch.records);
    this.tally.count(`inputs.${batch.source.input}.records`, batch.records.length);
    this.tally.count(`inputs.${batch.source.input}.bytes`, batch.bytes);
    const since = performance.now();
    const step = progress.begin(batch.source, batch.resumeAt);
    // What waits for its receipt must not hold the records: the collector would have to move them all.
    const { bytes } = batch;
    const { input } = batch.source;
    const newest = lastTimeOf(batch.records);
    const standing = this.#standing.inputs.find(({ name }) => name === input);
    const { work } = this.#standing;
    work.waiting++;
    await this.#flight.enter(bytes);
    work.waiting--;
    const receipt = new Receipt(this.#deliveries.length, () => {
      work.step();
      this.#probe.settled(input, (performance.now() - since) / 1000);
      standing?.settled(newest);
      this.#flight.leave(bytes);
      progress.settle(step);
    });
    for (const delivery of this.#deliveries) delivery.send(batch.records, bytes, receipt);
  }

  /** Lets others look, where that is wanted; the library for it is loaded only then. */
  async #show(opened: (() => Promise<void>)[]): Promise<void> {
    if (this.config.telemetry === null) return;
    const { showAt } = await import('../telemetry/telemetry.js');
    const telemetry = await showAt(this.config.telemetry, this.#standing, componentLog(this.log, 'telemetry'));
    opened.push(() => telemetry.close());
    this.#probe = telemetry.probe;
    this.log.info('metrics and status can be read', { host: this.config.telemetry.host, port: telemetry.port });
  }

  /** What the cascade keeps, and whom it tells. */
  async #home({ path }: DataDir, llmState: CascadeHome['llmState']): Promise<CascadeHome> {
    const { llm, memoryTopic } = this.config;
    const tableContext = {
      configDir: this.config.configDir,
      log: componentLog(this.log, 'memory.topic'),
      count: (name: string, by?: number) => this.tally.count(`memory.topic.${name}`, by),
    };
    return {
      memoryFolder: join(path, 'memory'),
      table: memoryTopic === null ? null : await MEMORY_TABLE.create(memoryTopic, tableContext),
      llmState,
      manner: llm === null ? COMMAND_HOME.manner : agentManner(llm),
      events: {
        count: (name, by) => this.tally.count(name, by),
        late: (answer) => {
          if (!this.#drained) for (const delivery of this.#deliveries) delivery.amend(answer);
        },
      },
    };
  }

  get #decodeOptions() {
    const { multiline_pause_ms, multiline_max_lines, multiline_max_bytes } = this.config.pipeline;
    return { pauseMs: multiline_pause_ms, maxLines: multiline_max_lines, maxBytes: multiline_max_bytes };
  }

  async #openOutputs(dataDir: DataDir, deadLetters: DeadLetterStore, opened: (() => Promise<void>)[]): Promise<Delivery[]> {
    const { llm } = this.config;
    const deliveries: Delivery[] = [];
    for (const { name, plugin, config, when } of this.config.outputs) {
      const context = await this.#context(dataDir, 'outputs', name);
      const output = await started('OUTPUT_FAILED', `output ${name}`, () => plugin.create(config, context));
      opened.push(() => output.close());
      const standing = new OutputStanding(name, plugin.type);
      this.#standing.outputs.push(standing);
      const events = {
        wrote: (records: number) => {
          standing.wrote();
          this.#standing.work.step();
          this.tally.count(`outputs.${name}.records`, records);
        },
        rejected: (records: number) => this.tally.count(`outputs.${name}.dead_letters`, records),
        failed: (error: Error, attempt: number) => {
          this.tally.count(`outputs.${name}.retries`);
          standing.failed(error.message);
          if (error.cause instanceof TrilogError && error.cause.code === 'DEAD_LETTERS_FULL')
            context.log.error(ERRORS.DEAD_LETTERS_FULL, { attempt, error: error.message });
          else context.log.warn('a write failed and will be tried again', { attempt, error: error.message });
        },
        amended: (records: number) => this.tally.count(`outputs.${name}.amended`, records),
        unamended: (records: number, error: unknown) => {
          this.tally.count(`outputs.${name}.unamended`, records);
          context.log.warn('late labels could not be brought; their records stay unclassified', { records, error: String(error) });
        },
        broken: (error: unknown) => this.#broken(error),
      };
      const wants = when === null ? null : compileWhen(when);
      const amendments = output.amend === undefined || llm === null ? null : new Amendments(askedLevels(llm));
      const { max_write_bytes } = this.config.pipeline;
      const delivery = new Delivery(name, output, wants, deadLetters, max_write_bytes, events, this.#givingUp.signal, amendments);
      standing.hasQueue(
        () => delivery.unsettled,
        () => delivery.atWork,
      );
      deliveries.push(delivery);
    }
    return deliveries;
  }

  async #openInputs(dataDir: DataDir, opened: (() => Promise<void>)[]): Promise<Input[]> {
    const inputs: Input[] = [];
    for (const { name, plugin, config } of this.config.inputs) {
      const context = await this.#context(dataDir, 'inputs', name);
      const input = await started('INPUT_FAILED', `input ${name}`, () => plugin.create(config, context));
      opened.push(() => input.close());
      this.#standing.inputs.find((standing) => standing.name === name)?.opened(input);
      inputs.push(input);
    }
    return inputs;
  }

  async #context(dataDir: DataDir, kind: 'inputs' | 'outputs', name: string): Promise<ComponentContext> {
    return {
      name,
      dataDir: await dataDir.folder(kind, name),
      configDir: this.config.configDir,
      host: this.config.host,
      ownFiles: kind === 'inputs' ? [...(await ownFiles()), ...(await deadLetterPaths(dataDir))] : [],
      log: componentLog(this.log, name),
      count: (event, by) => this.tally.count(`${kind}.${name}.${event}`, by),
    };
  }
}

/** What may be written later, so that nobody sees it open yet; by its real path, as inputs find it. */
async function deadLetterPaths({ path }: DataDir): Promise<string[]> {
  const folders = new Set([path, await realpath(path)]);
  return [...folders].flatMap((folder) => [join(folder, ACTIVE_NAME), join(folder, REPLAYED_NAME)]);
}

/** Makes and opens a component. A plugin may throw at once as well as reject. @throws TrilogError with this code, or with the component's own. */
export async function started<Component extends Input | Output>(code: ErrorCode, who: string, create: () => Component): Promise<Component> {
  try {
    const component = create();
    await component.open();
    return component;
  } catch (cause) {
    if (cause instanceof TrilogError) throw cause;
    throw new TrilogError(code, `${who}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
