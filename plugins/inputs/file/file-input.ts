import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ComponentContext, Input, Lag } from '../../../src/plugin/contract.js';
import type { LineBlock, Source } from '../../../src/record/source.js';
import { BlockReader } from './block-reader.js';
import type { FileInputConfig } from './config.js';
import { bytesBehind } from './lag.js';
import { Positions } from './positions.js';
import type { TrackedFile } from './tracked-file.js';
import { Tracker } from './tracker.js';

/** Follows files through rotation; see the README for what it guarantees. */
export class FileInput implements Input {
  readonly #positions: Positions;
  readonly #tracker: Tracker;
  readonly #reader: BlockReader;
  #saving = true;

  constructor(
    readonly config: FileInputConfig,
    readonly context: ComponentContext,
  ) {
    this.#positions = new Positions(join(context.dataDir, 'positions.json'), config.checkpoint_interval_ms, (error) =>
      this.#saveFailed(error),
    );
    this.#tracker = new Tracker(config, context, this.#positions);
    this.#reader = new BlockReader(config.read_block_bytes, config.max_line_bytes, (entry, fingerprint) =>
      this.#positions.grow(entry, fingerprint),
    );
  }

  /** From here on what is written is read: where files end is looked for before anybody is told that the agent runs. */
  async open(): Promise<void> {
    await this.#positions.load();
    await this.#tracker.discover(true);
  }

  async *read(signal: AbortSignal): AsyncIterable<LineBlock> {
    const { follow, poll_interval_ms: pollMs, discover_interval_ms: discoverMs } = this.config;
    let nextDiscovery = performance.now() + discoverMs;
    let nextPoll = performance.now();
    while (!signal.aborted) {
      const now = performance.now();
      if (now >= nextPoll) {
        await this.#tracker.poll();
        nextPoll = performance.now() + pollMs;
      }
      if (follow && now >= nextDiscovery) {
        await this.#tracker.discover(false);
        nextDiscovery = performance.now() + discoverMs;
      }
      let busy = false;
      // One turn for every file that has something, so that a busy one cannot starve the others.
      for (const file of [...this.#tracker.files.values()]) {
        if (signal.aborted) return;
        if (!file.hot || file.blocked) continue;
        const block = await this.#turn(file);
        if (block === 'nothing') continue;
        busy = true;
        if (block !== 'more') yield block;
      }
      if (busy) continue;
      if (!follow && this.#allEnded()) return;
      await sleep(Math.max(1, nextPoll - performance.now()), undefined, { signal }).catch(() => undefined);
    }
  }

  settled(source: Source, position: number): void {
    this.#positions.settle(source.id, position);
  }

  lag(): Lag {
    return { unit: 'bytes', amount: bytesBehind(this.#positions.entries.values(), this.#tracker.files) };
  }

  async close(): Promise<void> {
    await this.#tracker.descriptors.closeAll();
    await this.#positions.close();
  }

  /** Lines; or `more` to read on, `nothing` to wait. */
  async #turn(file: TrackedFile): Promise<LineBlock | 'more' | 'nothing'> {
    if (file.finishing && file.content === null) return this.#finish(file);
    if (!(await this.#tracker.open(file)) || file.content === null) return 'nothing';
    try {
      if (file.finishing) return await this.#finish(file);
      const turn = await this.#reader.turn(file, file.content);
      if (turn === 'rewritten') {
        await this.#tracker.rewritten(file);
        return 'more';
      }
      if (turn === 'not durable') return (await this.#makeDurable()) ? 'more' : 'nothing';
      if (!file.hot && (!this.config.follow || (file.complete && file.state === 'detached'))) {
        file.finishing = true;
        file.hot = true;
      }
      if (turn === 'nothing') return file.hot ? 'more' : 'nothing';
      if (turn.cut !== undefined) this.context.count('lines_cut', turn.cut.size);
      return turn;
    } catch (error) {
      this.#tracker.complain(file.path, error);
      file.rewind();
      file.hot = false;
      // What follows a file that cannot be read must not wait for it.
      if (file.state !== 'live') file.drained = true;
      // A compressed file does not heal; another one is tried again with the next poll.
      if (!file.complete && this.config.follow) return 'nothing';
      await this.#tracker.drop(file);
      return { source: file.source, lines: [], offsets: [], end: file.entry.read, bytes: 0, last: true };
    }
  }

  async #finish(file: TrackedFile): Promise<LineBlock> {
    const block = await this.#reader.last(file);
    file.entry.end = block.end;
    if (block.cut !== undefined) this.context.count('lines_cut', block.cut.size);
    await this.#tracker.drop(file);
    return block;
  }

  #allEnded(): boolean {
    return [...this.#tracker.files.values()].every((file) => !file.hot && file.state !== 'lost');
  }

  /** A source's id and fingerprint must be on disk before its first line leaves, or the same line would have another id after a crash. */
  async #makeDurable(): Promise<boolean> {
    try {
      await this.#positions.save();
      this.#saving = true;
      return true;
    } catch (error) {
      this.#saveFailed(error);
      return false;
    }
  }

  #saveFailed(error: unknown): void {
    this.context.count('checkpoint_failures');
    if (!this.#saving) return;
    this.#saving = false;
    this.context.log.error('positions cannot be written; new files wait, and a restart would repeat lines', {
      error: error instanceof Error ? error.message : String(error),
    });
  }
}
