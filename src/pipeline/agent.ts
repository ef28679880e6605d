import { once } from 'node:events';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Logger } from 'winston';
import type { AgentConfig } from '../config/load.js';
import { ERRORS, TrilogError } from '../errors.js';
import { MEMORY_TABLE } from '../plugin/registry.js';
import { type CascadeHome, CascadePlan, COMMAND_HOME } from '../stages/build-cascade.js';
import { askedLevels } from '../stages/llm/config.js';
import { agentManner } from '../stages/llm/manner.js';
import { parseState } from '../stages/llm/state.js';
import { componentLog } from '../telemetry/log.js';
import { Standing } from '../telemetry/standing.js';
import { Tally } from '../telemetry/tally.js';
import type { AgentWatcher, Probe } from '../telemetry/view.js';
import { type Batch, lastTimeOf } from './batch.js';
import { CheckpointFile } from './checkpoint.js';
import { ComponentContexts, closed } from './component-contexts.js';
import { CurrentCascade } from './current-cascade.js';
import { DataDir } from './data-dir.js';
import { DeadLetterStore } from './dead-letters.js';
import { DecodeStage } from './decode.js';
import { Flight } from './flight.js';
import { InOrder } from './in-order.js';
import { type Flowing, Inputs } from './inputs.js';
import { Outputs } from './outputs.js';
import type { Progress } from './progress.js';
import { Receipt } from './receipt.js';

/** Batches of an input that may wait for the model's answers at a time: a block of a file each, so that memory stays small. */
const BATCHES_ASKED = 16;

const NOBODY_LOOKS: Probe = { leaving: () => {}, settled: () => {}, classified: () => {} };
const NOBODY_WATCHES: AgentWatcher = { running: () => {}, stopping: () => {} };

/** What runs between the start and the stop. */
interface Running {
  readonly cascade: CurrentCascade;
  readonly home: () => Promise<CascadeHome>;
  readonly inputs: Inputs;
  readonly outputs: Outputs;
}

/** Reads, classifies and ships until it is stopped or its inputs end. Nothing is shared: two agents can live in one process. */
export class Agent {
  readonly tally = new Tally();
  readonly #plan: CascadePlan;
  readonly #flight: Flight;
  readonly #standing: Standing;
  #probe: Probe = NOBODY_LOOKS;
  readonly #stopping = new AbortController();
  readonly #givingUp = new AbortController();
  /** Null before the start. */
  #running: Running | null = null;
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
    this.#standing = new Standing(this.tally, this.#flight, config.host);
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
      const contexts = new ComponentContexts(this.config, dataDir, this.log, this.tally);
      const outputs = this.#newOutputs(contexts, deadLetters);
      opened.push(() => outputs.close());
      await outputs.open(this.config.outputs);
      await contexts.findOwnFiles();
      const inputs = this.#newInputs(contexts, cascade, outputs);
      opened.push(() => inputs.close());
      await inputs.open(this.config.inputs);
      outputs.tie(inputs.all);
      this.#running = { cascade, home, inputs, outputs };
      this.#standing.labels = () => cascade.labels;
      this.#standing.state = 'running';
      this.log.info('running', { inputs: inputs.all.length, outputs: outputs.deliveries.length });
      this.watcher.running(this.#standing);
      inputs.start();
      await this.#untilGivenUp(inputs.ended());
      await this.#untilGivenUp(outputs.drained());
      this.#drained = true;
      if (this.#givingUp.signal.aborted) this.log.warn(ERRORS.STOP_TIMEOUT, { unsettled_bytes: this.#flight.bytes });
      if (this.#failure !== null) throw this.#failure;
    } finally {
      clearTimeout(this.#deadline);
      // The last opened first: inputs make their positions durable before outputs and the folder go.
      for (const close of opened.reverse()) await closed({ close }, this.log);
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
    if (this.#running === null) return;
    const { cascade, home } = this.#running;
    const next = await plan.build(await home());
    // It was stopped meanwhile: what takes the old one's place now would never be closed.
    if (this.#stopping.signal.aborted) await next.close();
    else await cascade.replace(next);
  }

  /** Ships to other outputs from the next batch on, as {@link Outputs.replace}. */
  async replaceOutputs(wanted: AgentConfig['outputs']): Promise<void> {
    if (!this.#stopping.signal.aborted) await this.#running?.outputs.replace(wanted, this.config.pipeline.stop_timeout_ms);
  }

  /** Reads from other inputs, as {@link Inputs.replace}. */
  async replaceInputs(wanted: AgentConfig['inputs']): Promise<void> {
    if (this.#running === null || this.#stopping.signal.aborted) return;
    const { inputs, outputs } = this.#running;
    if (outputs.areTied) throw new TrilogError('INPUT_FAILED', 'inputs: an output delivers exactly once, which only a restart can change');
    await inputs.replace(wanted, this.config.pipeline.stop_timeout_ms);
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
  async #flow({ input, progress, stop, giveUp }: Flowing, cascade: CurrentCascade, outputs: Outputs): Promise<void> {
    // A batch that only rules and memory answer goes on at once. Behind one that the model must see some more are read and asked about meanwhile.
    const asked = new InOrder<Batch>(BATCHES_ASKED, (batch) => this.#ship(batch, progress, outputs));
    await pipeline(
      Readable.from(input.read(stop), { highWaterMark: 1 }),
      new DecodeStage(this.#decodeOptions, stop),
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
      { signal: giveUp },
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
  async #ship(batch: Batch, progress: Progress, outputs: Outputs): Promise<void> {
    this.tally.add(batch.records);
    this.#probe.leaving(batch.records);
    this.tally.count(`inputs.${batch.source.input}.records`, batch.records.length);
    this.tally.count(`inputs.${batch.source.input}.bytes`, batch.bytes);
    const since = performance.now();
    // What waits for its receipt must not hold the records: the collector would have to move them all.
    const { bytes } = batch;
    const { input } = batch.source;
    const newest = lastTimeOf(batch.records);
    const standing = this.#standing.inputs.find(({ name }) => name === input);
    const { work } = this.#standing;
    work.waiting++;
    await this.#flight.enter(bytes);
    await outputs.ready();
    work.waiting--;
    // Its input was replaced meanwhile, and the new one reads it again.
    if (progress.isCut) return this.#flight.leave(bytes);
    const step = progress.begin(batch.source, batch.resumeAt, () => this.#flight.leave(bytes));
    const { deliveries } = outputs;
    const settled = (): void => {
      if (progress.isCut) return;
      work.step();
      this.#probe.settled(input, (performance.now() - since) / 1000);
      standing?.settled(newest);
      this.#flight.leave(bytes);
      progress.settle(step);
    };
    const receipt = new Receipt(deliveries.length, settled, () => progress.isCut);
    for (const delivery of deliveries) delivery.send(batch.records, bytes, receipt);
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
          if (!this.#drained) for (const delivery of this.#running?.outputs.deliveries ?? []) delivery.amend(answer);
        },
      },
    };
  }

  get #decodeOptions() {
    const { multiline_pause_ms, multiline_max_lines, multiline_max_bytes } = this.config.pipeline;
    return { pauseMs: multiline_pause_ms, maxLines: multiline_max_lines, maxBytes: multiline_max_bytes };
  }

  #newOutputs(contexts: ComponentContexts, deadLetters: DeadLetterStore): Outputs {
    const { llm, pipeline: bounds } = this.config;
    return new Outputs({
      contexts,
      standing: this.#standing,
      deadLetters,
      maxWriteBytes: bounds.max_write_bytes,
      askedLevels: llm === null ? null : askedLevels(llm),
      giveUp: this.#givingUp.signal,
      log: this.log,
      broken: (error) => this.#broken(error),
    });
  }

  #newInputs(contexts: ComponentContexts, cascade: CurrentCascade, outputs: Outputs): Inputs {
    return new Inputs({
      contexts,
      standing: this.#standing,
      stop: this.#stopping.signal,
      giveUp: this.#givingUp.signal,
      log: this.log,
      flow: (flowing) => this.#flow(flowing, cascade, outputs),
      dropped: () => outputs.forgetDropped(),
      broken: (error) => this.#broken(error),
    });
  }
}
