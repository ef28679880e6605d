import type { FileInputConfig } from './config.js';
import { lookAt } from './probe.js';
import { judge, judgeDetached } from './rotation.js';
import type { TrackedFile } from './tracked-file.js';
import type { TrackedFiles } from './tracked-files.js';

/** Looks at files that are being read: has one grown, lost its name, or been rewritten? */
export class Look {
  constructor(
    readonly config: FileInputConfig,
    readonly files: TrackedFiles,
  ) {}

  /** Notes what became of a file. True if what it held, or what follows it, must be searched for. */
  async at(file: TrackedFile, now: number): Promise<boolean> {
    const before = file.state;
    let refilled = false;
    if (before === 'live') refilled = await this.#live(file, now);
    else if (before === 'detached') this.#detached(file, now);
    return file.state !== before || file.state === 'lost' || refilled;
  }

  /** True if its family must be searched though the file is where it was. */
  async #live(file: TrackedFile, now: number): Promise<boolean> {
    const seen = lookAt(file.path);
    const { dev, ino } = file.entry;
    const position = Math.max(file.looked, file.head.length);
    switch (judge({ dev, ino, position, size: file.size, mtimeMs: file.mtimeMs }, seen)) {
      case 'idle':
        if (!file.hot && now - file.quietSince >= this.config.close_after_idle_s * 1_000) await this.files.descriptors.close(file);
        return false;
      case 'refilled':
        return true;
      case 'grown':
        file.size = seen?.size ?? -1;
        file.mtimeMs = seen?.mtimeMs ?? -1;
        file.hot = true;
        return false;
      case 'truncated':
        await this.files.lose(file);
        return false;
      default:
        this.files.detach(file, now);
        return false;
    }
  }

  #detached(file: TrackedFile, now: number): void {
    const stat = this.files.statOf(file);
    const size = stat?.size ?? file.looked;
    if (stat) file.mtimeMs = stat.mtimeMs;
    if (file.content === null) file.hot = true;
    if (file.hot) return;
    const next = judgeDetached(size, file, now, this.config.rotate_wait_ms);
    if (next === 'wait') return;
    file.hot = true;
    file.finishing = next === 'finish';
  }
}
