import { appendFile, copyFile, readFile, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Place, Reading, Taken } from './reading.js';

const NAMES = ['a.log', 'b.log'];

/** What can happen to a log and to its reader, over and over. */
export const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('append' as const), file: fc.nat(1), lines: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('half' as const), file: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('rename' as const), file: fc.nat(1), create: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('copytruncate' as const), file: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('compress' as const), file: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), file: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('catch up' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('stop' as const), kill: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('start' as const), lag: fc.nat(3) }) },
);
export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** A log writer with a rotator, a reader of which some runs were ended, and what each of them did. */
export class World {
  readonly written = new Set<string>();
  readonly runs: Taken[][] = [];
  private readonly half = new Map<string, string>();
  private reading: Reading | null = null;
  private next = 0;

  constructor(
    private readonly place: Place,
    private readonly keys: Record<string, unknown>,
  ) {}

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'append':
        return this.append(step.file, step.lines);
      case 'half':
        return this.appendHalf(step.file);
      case 'rename':
        await this.shift(step.file);
        await rename(this.path(step.file), this.path(step.file, '.1')).catch(() => undefined);
        if (step.create) await writeFile(this.path(step.file), '');
        return;
      case 'copytruncate':
        await this.shift(step.file);
        if (!(await exists(this.path(step.file)))) return;
        await copyFile(this.path(step.file), this.path(step.file, '.1'));
        return truncate(this.path(step.file));
      case 'compress':
        return this.compress(step.file);
      case 'delete':
        if (this.reading === null || !(await exists(this.path(step.file)))) return;
        await this.append(step.file, 1);
        await this.catchUp();
        await this.append(step.file, 2);
        await rm(this.path(step.file));
        // What is left of a deleted file is in the reader's hands alone.
        return this.catchUp();
      case 'catch up':
        return this.reading === null ? undefined : this.catchUp();
      case 'stop':
        return this.stop(step.kill);
      case 'start':
        if (this.reading !== null) return;
        this.reading = this.place.read(this.keys, step.lag);
        this.runs.push(this.reading.taken);
        return;
    }
  }

  /** The agent has run before and knows both names: a log that came and went while it was down leaves no name to look beside. */
  async begin(): Promise<void> {
    for (const file of [0, 1]) await this.append(file, 1);
    await this.take({ do: 'start', lag: 0 });
    await this.catchUp();
  }

  async end(): Promise<void> {
    for (const file of [0, 1]) await this.finishHalf(file);
    await this.take({ do: 'start', lag: 0 });
    await this.catchUp();
  }

  async stop(kill: boolean): Promise<void> {
    await (kill ? this.reading?.kill() : this.reading?.stop());
    this.reading = null;
  }

  private path(file: number, suffix = ''): string {
    return this.place.log(`${NAMES[file]}${suffix}`);
  }

  private line(file: number): string {
    const number = this.next++;
    const text = `${String(number).padStart(6, '0')} ${NAMES[file]} ${'x'.repeat((number * 7) % 60)}`;
    this.written.add(text);
    return text;
  }

  private async append(file: number, count: number): Promise<void> {
    await this.finishHalf(file);
    await appendFile(this.path(file), Array.from({ length: count }, () => `${this.line(file)}\n`).join(''));
  }

  private async appendHalf(file: number): Promise<void> {
    await this.finishHalf(file);
    const text = `${this.line(file)}\n`;
    await appendFile(this.path(file), text.slice(0, 9));
    this.half.set(this.path(file), text.slice(9));
  }

  private async finishHalf(file: number): Promise<void> {
    const rest = this.half.get(this.path(file));
    if (rest !== undefined) await appendFile(this.path(file), rest);
    this.half.delete(this.path(file));
  }

  private async shift(file: number): Promise<void> {
    await this.finishHalf(file);
    for (let n = 40; n > 0; n -= 1) {
      for (const end of ['', '.gz']) {
        const from = this.path(file, `.${n}${end}`);
        if (await exists(from)) await rename(from, this.path(file, `.${n + 1}${end}`));
      }
    }
  }

  private async compress(file: number): Promise<void> {
    const path = this.path(file, '.2');
    if (!(await exists(path))) return;
    const { atimeMs, mtimeMs } = await stat(path);
    await writeFile(`${path}.gz.new`, gzipSync(await readFile(path)));
    await utimes(`${path}.gz.new`, atimeMs / 1_000, mtimeMs / 1_000);
    await rename(`${path}.gz.new`, `${path}.gz`);
    await rm(path);
  }

  private async catchUp(): Promise<void> {
    const halves = [...this.half.keys()].length;
    const seen = () => new Set(this.runs.flat().map((taken) => taken.text));
    let checked = -1;
    await this.reading?.when(() => {
      const count = this.reading?.taken.length ?? 0;
      if (count === checked) return false;
      checked = count;
      const all = seen();
      return [...this.written].filter((text) => !all.has(text)).length <= halves;
    }, 'what was written');
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

export function check(world: World): void {
  const places = new Map<string, string>();
  for (const run of world.runs) {
    const last = new Map<string, string>();
    for (const { text, source, offset } of run) {
      if (!world.written.has(text)) throw new Error(`never written: ${text}`);
      const place = `${source.id}:${offset}`;
      if ((places.get(text) ?? place) !== place) throw new Error(`${text} came as ${places.get(text)} and as ${place}`);
      places.set(text, place);
      if ((last.get(source.name) ?? '') >= text) throw new Error(`out of order: ${last.get(source.name)} before ${text}`);
      last.set(source.name, text);
    }
  }
}
