import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import winston from 'winston';
import { z } from 'zod';
import type { AgentConfig } from '../../src/config/load.js';
import { pipelineSchema } from '../../src/config/schema.js';
import { TrilogError } from '../../src/errors.js';
import { Agent } from '../../src/pipeline/agent.js';
import type { Input, InputPlugin, Output, OutputPlugin, Rejection } from '../../src/plugin/contract.js';
import type { LogRecord } from '../../src/record/record.js';
import type { LineBlock, Source } from '../../src/record/source.js';
import { packFile } from '../../src/stages/rules/load.js';
import { source } from '../record/sample.js';

/** Yields blocks of one line each, and remembers what was settled; ends after `lines`, or never. */
class LinesInput implements Input {
  yielded = 0;
  settledTo = 0;
  closed = false;
  constructor(
    readonly lines: number,
    readonly endless = false,
  ) {}
  async open(): Promise<void> {}
  async *read(signal: AbortSignal): AsyncGenerator<LineBlock> {
    const from = source();
    for (; this.yielded < this.lines && !signal.aborted; this.yielded++) {
      const lines = [
        `2026-03-02 10:11:12.${String(this.yielded % 1000).padStart(3, '0')} 7 INFO nova.compute.manager [-] line ${this.yielded}`,
      ];
      yield { source: from, lines, offsets: [this.yielded], end: this.yielded + 1, bytes: 100 };
    }
    if (this.endless) while (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  settled(_: Source, position: number): void {
    this.settledTo = position;
  }
  async close(): Promise<void> {
    this.closed = true;
  }
}

class MemoryOutput implements Output<string[]> {
  readonly messages: string[] = [];
  constructor(readonly act: (signal: AbortSignal) => Promise<readonly Rejection[]> = async () => []) {}
  async open(): Promise<void> {}
  encode(records: readonly LogRecord[]): string[] {
    return records.map(({ message }) => message);
  }
  async write(parcels: readonly string[][], signal: AbortSignal): Promise<readonly Rejection[]> {
    const rejections = await this.act(signal);
    this.messages.push(...parcels.flat());
    return rejections;
  }
  async close(): Promise<void> {}
}

const anything = z.looseObject({});

function agent(input: Input, outputs: readonly MemoryOutput[], pipeline: Record<string, unknown> = {}): Agent {
  const inputPlugin: InputPlugin = { kind: 'input', type: 'lines', summary: '', config: anything, create: () => input };
  const config: AgentConfig = {
    dataDir: mkdtempSync(join(tmpdir(), 'trilog-agent-')),
    configDir: tmpdir(),
    host: 'compute01',
    inputs: [{ name: 'in', plugin: inputPlugin, config: {} }],
    outputs: outputs.map((output, i) => {
      const plugin: OutputPlugin = { kind: 'output', type: 'memory', summary: '', config: anything, create: () => output };
      return { name: `out${i}`, plugin, config: {}, when: i === 1 ? { labels: ['never.matches'] } : null };
    }),
    taxonomyFile: null,
    ruleFiles: [packFile('openstack')],
    bert: null,
    llm: null,
    known: false,
    memory: { maxEntries: 1000, maxBytes: 1_048_576 },
    memoryTopic: null,
    deadLetters: { maxBytes: 1_000_000, rotateBytes: 100_000 },
    pipeline: pipelineSchema.parse({ multiline_pause_ms: 20, ...pipeline }),
    log: { level: 'error', format: 'json', repeats_per_minute: 1 },
  };
  return new Agent(config, winston.createLogger({ silent: true }));
}

test('every record reaches every output that wants it, in order, and the position follows', async (t) => {
  const input = new LinesInput(500);
  const [all, none] = [new MemoryOutput(), new MemoryOutput()];
  await agent(input, [all, none]).run();
  t.deepEqual(
    all.messages,
    Array.from({ length: 500 }, (_, i) => `line ${i}`),
  );
  t.deepEqual(none.messages, []);
  t.is(input.settledTo, 500);
  t.true(input.closed);
});

test('an output that stands still stops the reading, and what is in flight is bounded', async (t) => {
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const input = new LinesInput(5000);
  const output = new MemoryOutput(async () => {
    await gate;
    return [];
  });
  const running = agent(input, [output], { max_in_flight_bytes: 400_000 }).run();
  // It stands still: nothing that is under way waits for anything but the output.
  for (let [before, turns] = [-1, 0]; turns < 200; turns++) {
    if (input.yielded === 0 || input.yielded !== before) turns = 0;
    before = input.yielded;
    await new Promise((resolve) => setImmediate(resolve));
  }
  // 400,000 bytes at 612 a record, and a few blocks in the buffers of the streams.
  t.true(input.yielded > 600 && input.yielded < 700, `${input.yielded}`);
  t.is(input.settledTo, 0);
  release();
  await running;
  t.is(output.messages.length, 5000);
  t.is(input.settledTo, 5000);
});

test('the position never passes a record that one of the outputs has not stored', async (t) => {
  const input = new LinesInput(100, true);
  const stuck = new MemoryOutput(
    (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('given up')))),
  );
  const running = agent(input, [stuck, new MemoryOutput()], { stop_timeout_ms: 50 });
  const run = running.run();
  while (running.tally.records < 99) await new Promise((resolve) => setTimeout(resolve, 5));
  running.stop();
  await run;
  t.is(input.settledTo, 0);
  t.true(input.closed);
});

test('the last record is handed on after a pause, while the input goes on', async (t) => {
  const input = new LinesInput(3, true);
  const output = new MemoryOutput();
  const running = agent(input, [output]);
  const run = running.run();
  while (output.messages.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  running.stop();
  await run;
  t.is(input.settledTo, 3);
});

test('an input that breaks ends the agent with its error, after what was read is stored', async (t) => {
  const input = new LinesInput(10);
  const read = input.read.bind(input);
  input.read = async function* (signal) {
    yield* read(signal);
    throw new Error('a defect');
  };
  const output = new MemoryOutput();
  await t.throwsAsync(agent(input, [output]).run(), { message: 'a defect' });
  t.true(output.messages.length >= 9);
});

test('a component that cannot start ends the start, and closes what was open', async (t) => {
  const input = new LinesInput(1);
  input.open = () => Promise.reject(new Error('no such thing'));
  const output = new MemoryOutput();
  let closed = false;
  output.close = async () => {
    closed = true;
  };
  const error = await t.throwsAsync(agent(input, [output]).run(), { instanceOf: TrilogError });
  t.is((error as TrilogError).code, 'INPUT_FAILED');
  t.true(closed);
});

test('an output that throws at once as it opens ends the start with a code, and closes what was open', async (t) => {
  const [first, second] = [new MemoryOutput(), new MemoryOutput()];
  let closed = false;
  first.close = async () => {
    closed = true;
  };
  second.open = () => {
    throw new Error('no such thing');
  };
  const error = await t.throwsAsync(agent(new LinesInput(1), [first, second]).run(), { instanceOf: TrilogError });
  t.deepEqual([(error as TrilogError).code, error?.message], ['OUTPUT_FAILED', 'output out1: no such thing']);
  t.true(closed);
});

test('an input that throws at once as it opens ends the start with a code', async (t) => {
  const input = new LinesInput(1);
  input.open = () => {
    throw new Error('no such thing');
  };
  const error = await t.throwsAsync(agent(input, [new MemoryOutput()]).run(), { instanceOf: TrilogError });
  t.deepEqual([(error as TrilogError).code, error?.message], ['INPUT_FAILED', 'input in: no such thing']);
});

test('an output that breaks the contract ends the agent in order: nothing it got is settled, and the others store what was read', async (t) => {
  const input = new LinesInput(50, true);
  const broken = new MemoryOutput(async () => 'done' as unknown as readonly Rejection[]);
  const other = new MemoryOutput();
  const running = agent(input, [broken, new MemoryOutput(), other]);
  const error = await t.throwsAsync(running.run(), { instanceOf: TrilogError });
  t.is((error as TrilogError).code, 'PLUGIN_BROKEN');
  t.is(input.settledTo, 0);
  t.true(input.closed);
  t.true(other.messages.length > 0);
  t.is(other.messages.length, running.tally.records);
});

test('an input that throws as it is told what is settled ends the agent with its error', async (t) => {
  const input = new LinesInput(50, true);
  input.settled = () => {
    throw new Error('a defect');
  };
  await t.throwsAsync(agent(input, [new MemoryOutput()]).run(), { message: 'a defect' });
  t.true(input.closed);
});

test('what throws as it closes does not keep the others open', async (t) => {
  const [first, second] = [new MemoryOutput(), new MemoryOutput()];
  let closed = false;
  first.close = async () => {
    closed = true;
  };
  second.close = () => {
    throw new Error('a defect');
  };
  await agent(new LinesInput(1), [first, second]).run();
  t.true(closed);
});

test('two agents live in one process without sharing anything', async (t) => {
  const outputs = [new MemoryOutput(), new MemoryOutput()];
  await Promise.all(outputs.map((output) => agent(new LinesInput(50), [output]).run()));
  for (const { messages } of outputs) t.is(messages.length, 50);
});
