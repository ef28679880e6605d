import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { askedOf } from '../../../stages/llm/received-request.js';
import { ScriptedServer } from '../../../stages/llm/scripted-server.js';
import { AgentProcess, type Written } from '../../inputs/kafka/agent.js';

/** The topic that all members of a fleet know. */
export const TOPIC = 'templates';

export interface MemberOptions {
  /** What the model of this member says of everything. */
  readonly label?: string;
  /** Of the topic. */
  readonly topic?: Readonly<Record<string, unknown>>;
  readonly llm?: Readonly<Record<string, unknown>>;
  /** In place of a file that {@link Member.append} writes to. */
  readonly input?: Readonly<Record<string, unknown>>;
}

/** A real agent with a language model of its own that shares what it learns. Only the model says labels, so that every template is its business. */
export class Member {
  private constructor(
    readonly agent: AgentProcess,
    readonly model: ScriptedServer,
    readonly log: string,
  ) {}

  static async start(t: ExecutionContext, folder: string, name: string, bootstrap: string, options: MemberOptions = {}): Promise<Member> {
    const { label = 'network.failure', topic = {}, llm = {}, input } = options;
    const model = await ScriptedServer.start({ labelling: () => ({ label, confidence: 0.9 }) });
    t.teardown(() => model.close());
    const log = join(folder, `${name}.log`);
    appendFileSync(log, '');
    const agent = new AgentProcess(
      t,
      name,
      folder,
      input ?? { type: 'file', include: [log], poll_interval_ms: 20 },
      {},
      {},
      {
        ...{ bert: false, known: false, rules: { packs: [] } },
        llm: { base_url: model.baseUrl, model: 'scripted', linger_ms: 0, max_retries: 0, unknown_words: 'send', ...llm },
        memory: { topic: { name: TOPIC, brokers: [bootstrap], ...topic } },
      },
    );
    agent.start();
    return new Member(agent, model, log);
  }

  /** What the model was asked for, as it was shown. */
  get asked(): string[] {
    return this.model.requests.flatMap(({ body }) => askedOf(body).map(({ template }) => template));
  }

  get written(): Written[] {
    return this.agent.written();
  }

  /** Label and stage of the last record with this text; null where there is none. */
  lastOf(text: string): readonly [label: string, stage: string] | null {
    const last = this.written.findLast(({ message }) => message.includes(text));
    return last === undefined ? null : [last.trilog.label, last.trilog.stage];
  }

  append(...messages: readonly string[]): void {
    appendFileSync(this.log, messages.map((message) => `${line(message)}\n`).join(''));
  }

  /** Stops it, and gives what it counted of the topic. */
  async stop(): Promise<Readonly<Record<string, number>>> {
    const status = await this.agent.stop();
    if (status !== 0) throw new Error(`it ended with ${status}: ${this.agent.said}`);
    const last = this.agent.said
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as { message: string; counts?: Record<string, number> });
    const counts = last.findLast(({ message }) => message === 'stopped')?.counts ?? {};
    const ours = Object.entries(counts).filter(([name]) => name.startsWith('memory.topic.'));
    return Object.fromEntries(ours.map(([name, count]) => [name.slice('memory.topic.'.length), count]));
  }
}

/** A line of a service of nobody's. */
export function line(message: string): string {
  return `2026-03-02 10:11:12.123 7 ERROR site.turbines [-] ${message}`;
}

/** Messages of templates that differ in words. */
export function templates(count: number, of: string): string[] {
  const word = (i: number): string => String.fromCharCode(97 + Math.floor(i / 26), 97 + (i % 26));
  return Array.from({ length: count }, (_, i) => `the ${of} ${word(i)}ling has stopped`);
}
