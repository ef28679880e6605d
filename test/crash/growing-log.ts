import { closeSync, copyFileSync, existsSync, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

export type Rotation = 'rename' | 'copytruncate';

/**
 * A log file as a service and logrotate treat it together: numbered oslo lines are appended, and now and then it is rotated. Each call does
 * all it does before it returns, so that no line falls between a copy and its truncation: what is lost then is lost by the reader.
 */
export class GrowingLog {
  /** Number of the next line. */
  next = 0;
  #descriptor: number;

  constructor(
    readonly path: string,
    readonly rotation: Rotation,
    readonly keep: number,
  ) {
    this.#descriptor = openSync(path, 'a');
  }

  append(count: number): void {
    let text = '';
    for (let i = 0; i < count; i++, this.next++) {
      const time = new Date(Date.UTC(2026, 2, 2) + this.next).toISOString().replace('T', ' ').slice(0, 23);
      text += `${time} 7 INFO crash.test [-] line ${this.next} of ${this.rotation}\n`;
    }
    writeSync(this.#descriptor, text);
  }

  rotate(): void {
    rmSync(`${this.path}.${this.keep}`, { force: true });
    for (let i = this.keep - 1; i >= 1; i--) if (existsSync(`${this.path}.${i}`)) renameSync(`${this.path}.${i}`, `${this.path}.${i + 1}`);
    if (this.rotation === 'copytruncate') {
      copyFileSync(this.path, `${this.path}.1`);
      ftruncateSync(this.#descriptor, 0);
      return;
    }
    renameSync(this.path, `${this.path}.1`);
    closeSync(this.#descriptor);
    this.#descriptor = openSync(this.path, 'a');
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
