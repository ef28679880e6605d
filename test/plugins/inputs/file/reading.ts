import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { plugin } from '../../../../plugins/inputs/file/index.js';
import type { Input } from '../../../../src/plugin/contract.js';
import type { LineBlock, Source } from '../../../../src/record/source.js';

/** A line that came out of the input. */
export interface Taken {
  readonly text: string;
  readonly source: Source;
  readonly offset: number;
  readonly cut: boolean;
}

interface Teardown {
  teardown(fn: () => Promise<void>): void;
}

/** A folder for logs and one for the input's data, removed after the test. */
export class Place {
  private lives = 0;
  private readonly readings: Reading[] = [];
  private constructor(
    readonly root: string,
    public dataDir: string,
  ) {}

  static async make(t: Teardown): Promise<Place> {
    const root = await mkdtemp(join(tmpdir(), 'trilog-file-'));
    await mkdir(join(root, 'data0'));
    await mkdir(join(root, 'log'));
    const place = new Place(root, join(root, 'data0'));
    t.teardown(async () => {
      // A test that failed has not stopped its readings.
      for (const reading of place.readings) await reading.stop();
      await rm(root, { recursive: true, force: true });
    });
    return place;
  }

  log(name: string): string {
    return join(this.root, 'log', name);
  }

  /** What a killed process leaves: the data as it is on disk now. */
  async leave(): Promise<void> {
    const next = join(this.root, `data${++this.lives}`);
    await mkdir(next);
    await copyFile(join(this.dataDir, 'positions.json'), join(next, 'positions.json')).catch(() => undefined);
    this.dataDir = next;
  }

  read(keys: Record<string, unknown> = {}, lag = 0): Reading {
    const reading = new Reading(this, { include: [join(this.root, 'log', '*.log')], ...keys }, lag);
    this.readings.push(reading);
    return reading;
  }
}

/** An input that runs, and what came out of it. */
export class Reading {
  readonly taken: Taken[] = [];
  readonly blocks: LineBlock[] = [];
  readonly counts = new Map<string, number>();
  readonly warnings: string[] = [];
  readonly opened: Promise<void>;
  readonly done: Promise<void>;
  private readonly input: Input;
  private readonly stopping = new AbortController();
  private readonly unsettled: LineBlock[] = [];

  /** @param lag so many blocks stay unsettled. */
  constructor(
    private readonly place: Place,
    keys: Record<string, unknown>,
    private readonly lag: number,
  ) {
    const config = plugin.config.parse({
      poll_interval_ms: 2,
      discover_interval_ms: 2,
      rotate_wait_ms: 20,
      checkpoint_interval_ms: 1,
      ...keys,
    });
    const silent = () => undefined;
    this.input = plugin.create(config, {
      name: 'files',
      dataDir: place.dataDir,
      configDir: place.root,
      host: 'node-1',
      ownFiles: () => [],
      log: { debug: silent, info: silent, warn: (message) => this.warnings.push(message), error: (message) => this.warnings.push(message) },
      count: (name, by = 1) => this.counts.set(name, (this.counts.get(name) ?? 0) + by),
    });
    this.opened = this.input.open();
    this.done = this.consume();
  }

  get lines(): string[] {
    return this.taken.map((line) => line.text);
  }

  /** In bytes, as the input says it. */
  get behind(): number | undefined {
    return this.input.lag?.()?.amount;
  }

  /** Waits until that many lines are there. Throws after half a minute, which is long even for a machine under load, with what there is. */
  async until(count: number): Promise<void> {
    await this.when(() => this.taken.length >= count, `${count} lines`);
  }

  async when(condition: () => boolean, what = 'a condition'): Promise<void> {
    for (const deadline = Date.now() + 30_000; !condition(); await sleep(1)) {
      if (Date.now() > deadline)
        throw new Error(`waited for ${what}; there are ${this.taken.length}: ${JSON.stringify(this.lines.slice(-20))}`);
    }
  }

  /** Waits until that many contents are known. */
  async knows(count: number): Promise<void> {
    while ((await this.remembered()).length < count) await sleep(1);
  }

  /** Waits until no more contents than that are known. */
  async forgetsAllBut(count: number): Promise<void> {
    while ((await this.remembered()).length > count) await sleep(1);
  }

  /** Waits until the input has looked for what it may forget: until it has forgotten a content that comes and goes here. */
  async forgetsAt(path: string): Promise<void> {
    await writeFile(path, `${path}\n`);
    while (!(await this.remembered()).includes(path)) await sleep(1);
    await this.when(() => this.lines.includes(path));
    await rm(path);
    while ((await this.remembered()).includes(path)) await sleep(1);
  }

  /** Where each content that is remembered on disk was first seen. */
  private async remembered(): Promise<string[]> {
    const text = await readFile(join(this.place.dataDir, 'positions.json'), 'utf8').catch(() => null);
    if (text === null) return [];
    const { value } = JSON.parse(text) as { value: { entries: { path: string }[] } };
    return value.entries.map(({ path }) => path);
  }

  /** Stops as the agent does. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.done;
    await this.input.close();
  }

  /** Leaves the data as `kill -9` would, then lets go of the rest. */
  async kill(): Promise<void> {
    this.stopping.abort();
    await this.done;
    await this.place.leave();
    await this.input.close();
  }

  private async consume(): Promise<void> {
    await this.opened;
    for await (const block of this.input.read(this.stopping.signal)) {
      this.blocks.push(block);
      for (const [index, text] of block.lines.entries()) {
        this.taken.push({ text, source: block.source, offset: block.offsets[index] ?? -1, cut: block.cut?.has(index) ?? false });
      }
      this.unsettled.push(block);
      while (this.unsettled.length > this.lag) {
        const settled = this.unsettled.shift();
        if (settled !== undefined) this.input.settled(settled.source, settled.end);
      }
    }
  }
}

/** Lines `from` to `to` (without), each its number and a filler, with their ends. */
export function numbered(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, i) => `${line(from + i)}\n`).join('');
}

export function line(number: number): string {
  return `${number} ${'abcdefghij'.repeat(number % 5)}`;
}

export function lines(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => line(from + i));
}
