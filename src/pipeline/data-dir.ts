import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TrilogError } from '../errors.js';
import { ProcessLock } from './process-lock.js';

/** The folder in which an agent remembers, held by one agent at a time. */
export class DataDir {
  private constructor(
    readonly path: string,
    readonly lock: ProcessLock,
  ) {}

  /**
   * Makes the folder where it is missing and takes it.
   * @throws TrilogError `DATA_DIR_IN_USE` while another living process has it, `DATA_DIR_UNUSABLE` where it cannot be written.
   */
  static async take(path: string): Promise<DataDir> {
    try {
      await mkdir(path, { recursive: true, mode: 0o750 });
      const refusal = (holder: number) => new TrilogError('DATA_DIR_IN_USE', `${path} is used by process ${holder}`);
      return new DataDir(path, await ProcessLock.take(join(path, 'agent.pid'), refusal));
    } catch (error) {
      if (error instanceof TrilogError) throw error;
      throw new TrilogError('DATA_DIR_UNUSABLE', `${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }

  /** A folder of a component's own; made where it is missing. */
  async folder(...names: string[]): Promise<string> {
    const path = join(this.path, ...names);
    await mkdir(path, { recursive: true, mode: 0o750 });
    return path;
  }

  async release(): Promise<void> {
    await this.lock.release();
  }
}
