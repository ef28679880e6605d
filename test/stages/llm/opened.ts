import { setTimeout as pause } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { llmConfig as resolvedConfig } from '../../../src/config/load.js';
import type { LogRecord } from '../../../src/record/record.js';
import { type CascadeConfig, type CascadeHome, CascadePlan, COMMAND_HOME } from '../../../src/stages/build-cascade.js';
import type { Cascade } from '../../../src/stages/cascade.js';
import { type LlmConfig, llmSchema } from '../../../src/stages/llm/config.js';
import { agentManner, COMMAND_MANNER, type Manner } from '../../../src/stages/llm/manner.js';
import type { LlmState, StateFile } from '../../../src/stages/llm/state.js';
import type { LateAnswer } from '../../../src/stages/template-stages.js';
import { record as sample } from '../../record/sample.js';
import { LogKept } from '../bert/tiny.js';
import { ScriptedServer, type ScriptedServerOptions } from './scripted-server.js';

/** A server that goes with the test. */
export async function server(t: ExecutionContext, options: ScriptedServerOptions = {}): Promise<ScriptedServer> {
  const started = await ScriptedServer.start(options);
  t.teardown(() => started.close());
  return started;
}

export function llmConfig(baseUrl: string, keys: object = {}): LlmConfig {
  const parsed = llmSchema.parse({
    base_url: baseUrl,
    model: 'scripted',
    linger_ms: 0,
    timeout_ms: 5000,
    max_retries: 0,
    max_requests_per_minute: 1000,
    unknown_words: 'send',
    ...keys,
  });
  return resolvedConfig(parsed, '.');
}

export interface Opened {
  readonly cascade: Cascade;
  readonly log: LogKept;
  readonly counts: ReadonlyMap<string, number>;
  /** What came late, in order. */
  readonly late: readonly LateAnswer[];
  /** Waits for so many late answers. */
  readonly answered: (number: number) => Promise<void>;
  /** Classifies one record for each message, as one batch. */
  readonly say: (...messages: readonly (string | Partial<LogRecord>)[]) => Promise<LogRecord[]>;
}

/** Remembers as a file would. */
export class StateKept implements StateFile {
  kept: LlmState | undefined;
  async load(): Promise<LlmState | undefined> {
    return this.kept;
  }
  async save(state: LlmState): Promise<void> {
    this.kept = structuredClone(state);
  }
}

export interface Wishes {
  /** An agent's, unless the test says otherwise. */
  readonly manner?: Manner | 'command';
  readonly cascade?: Partial<CascadeConfig>;
  readonly home?: Partial<CascadeHome>;
}

/** A cascade of a language model alone, unless the test wishes more. */
export async function opened(t: ExecutionContext, llm: LlmConfig, { manner, cascade: change, home }: Wishes = {}): Promise<Opened> {
  const log = new LogKept();
  const counts = new Map<string, number>();
  const late: LateAnswer[] = [];
  const config: CascadeConfig = {
    ...{ taxonomyFile: null, ruleFiles: [], known: false, bert: null, llm },
    ...{ memory: { maxEntries: 1000, maxBytes: 1 << 24 } },
    ...change,
  };
  const cascade = await new CascadePlan(config, log).build({
    ...COMMAND_HOME,
    manner: manner === 'command' ? COMMAND_MANNER : (manner ?? agentManner(llm)),
    events: { count: (name, by = 1) => counts.set(name, (counts.get(name) ?? 0) + by), late: (answer) => late.push(answer) },
    ...home,
  });
  t.teardown(() => cascade.close());
  return {
    ...{ cascade, log, counts, late },
    answered: async (number) => {
      while (late.length < number) await pause(5);
    },
    say: async (...messages) => {
      const records = messages.map((said) => {
        const given = typeof said === 'string' ? { message: said } : said;
        return Object.assign(sample(given.message ?? ''), { level: 'ERROR', logger: 'site.agent', program: 'site', format: 'oslo' }, given);
      });
      await cascade.classify(records);
      return records;
    },
  };
}
