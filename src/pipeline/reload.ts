import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'winston';
import { type Changes, changesBetween, merged } from '../config/changes.js';
import type { AgentConfig } from '../config/load.js';
import { type Contents, changedContents, contentsOf } from '../config/named-contents.js';
import { TrilogError } from '../errors.js';
import { harmless } from '../record/profiles/pretty.js';
import { CascadePlan } from '../stages/build-cascade.js';
import { componentLog } from '../telemetry/log.js';
import type { Agent } from './agent.js';

/** Who is told that a reload begins and how it ended. */
export interface ReloadEvents {
  reloading(): void;
  /** @param refused whether everything stays as it was. */
  reloaded(refused: boolean): void;
}

/**
 * Takes a changed configuration into a running agent. The whole file, and all rules, labels and models that it names, are checked before anything changes; on any
 * error everything stays as it is. Outputs and inputs that changed are closed and opened again, the others go on; where one cannot start, those that were there
 * come back. The cascade is built beside the old one and takes its place between two batches.
 */
export class Reload {
  #running: AgentConfig;
  #contents: Contents;
  #underWay: Promise<void> | null = null;
  #asked = false;
  #state: 'starting' | 'running' | 'stopping' = 'starting';

  constructor(
    readonly agent: Agent,
    /** What the files held before the agent read them: a later change is never taken for that. */
    contents: Contents,
    /** Reads the configuration anew. @throws TrilogError */
    readonly load: () => Promise<AgentConfig>,
    readonly log: Logger,
    readonly events: ReloadEvents,
  ) {
    this.#running = agent.config;
    this.#contents = contents;
  }

  /** Everything is open: what was asked for meanwhile is done. */
  started(): void {
    this.#state = 'running';
    if (this.#asked) void this.request();
  }

  /** Nothing is taken any more. */
  stop(): void {
    this.#state = 'stopping';
  }

  /** Resolves when it is done, or refused. One at a time: whoever asks meanwhile gets another one behind it. Never rejects. */
  async request(): Promise<void> {
    this.#asked = true;
    if (this.#state !== 'running') return;
    this.#underWay ??= this.#all().finally(() => {
      this.#underWay = null;
    });
    await this.#underWay;
  }

  async #all(): Promise<void> {
    while (this.#asked && this.#state === 'running') {
      this.#asked = false;
      this.events.reloading();
      const refused = !(await this.#once());
      if (this.#state === 'running') this.events.reloaded(refused);
    }
  }

  /** Whether what is on disk was found to be right. */
  async #once(): Promise<boolean> {
    try {
      const wanted = await this.load();
      const contents = await contentsOf(wanted);
      const changes = changesBetween(this.#running, wanted, changedContents(this.#contents, contents));
      if (Object.values(changes).every((paths) => paths.length === 0)) {
        this.log.info('the configuration was read again: nothing has changed');
        return true;
      }
      await this.#take(wanted, changes);
      this.#contents = contents;
      return true;
    } catch (error) {
      const problems = error instanceof TrilogError ? error.message.split('\n') : [String(error)];
      // Each by itself, and each another message: the same one would be held back after a few.
      for (const problem of problems) this.log.error(`the changed configuration is refused: ${harmless(problem)}`);
      return false;
    }
  }

  async #take(wanted: AgentConfig, { outputs, inputs, taken, left }: Changes): Promise<void> {
    const log = componentLog(this.log, 'classify');
    // All of it has to be right, also what is left for the next start.
    const whole = new CascadePlan(wanted, log);
    // Outputs first: what an input brings that comes with one has to find it there.
    if (outputs.length > 0) await this.agent.replaceOutputs(wanted.outputs);
    this.#inUse(outputs, { outputs: wanted.outputs });
    if (inputs.length > 0) await this.agent.replaceInputs(wanted.inputs);
    this.#inUse(inputs, { inputs: wanted.inputs });
    const next = merged(this.#running, wanted);
    if (taken.some((path) => !path.startsWith('log.')))
      await this.agent.replaceCascade(isDeepStrictEqual(next.llm, wanted.llm) ? whole : new CascadePlan(next, log));
    this.log.level = next.log.level;
    this.#inUse(taken, next);
    if (left.length > 0) this.log.warn(`needs a restart: ${left.join(', ')}`);
  }

  #inUse(changed: readonly string[], now: Partial<AgentConfig>): void {
    this.#running = { ...this.#running, ...now };
    if (changed.length > 0) this.log.info('the changed configuration is in use', { changed });
  }
}
