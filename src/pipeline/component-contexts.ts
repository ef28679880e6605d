import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'winston';
import type { AgentConfig } from '../config/load.js';
import { type ErrorCode, TrilogError } from '../errors.js';
import type { ComponentContext, Input, Output } from '../plugin/contract.js';
import { componentLog } from '../telemetry/log.js';
import type { Tally } from '../telemetry/tally.js';
import type { DataDir } from './data-dir.js';
import { ACTIVE_NAME, REPLAYED_NAME } from './dead-letter-files.js';
import { ownFiles } from './own-files.js';

/** What the inputs and outputs of an agent are lent. */
export class ComponentContexts {
  #ownFiles: readonly string[] = [];

  constructor(
    readonly config: Pick<AgentConfig, 'configDir' | 'host'>,
    readonly dataDir: DataDir,
    readonly log: Logger,
    readonly tally: Tally,
  ) {}

  /** To be called whenever outputs have been opened: what they write no input may read, those neither that are open already. */
  async findOwnFiles(): Promise<void> {
    this.#ownFiles = [...(await ownFiles()), ...(await deadLetterPaths(this.dataDir))];
  }

  async of(kind: 'inputs' | 'outputs', name: string): Promise<ComponentContext> {
    const { config, dataDir, log, tally } = this;
    return {
      name,
      dataDir: await dataDir.folder(kind, name),
      configDir: config.configDir,
      host: config.host,
      ownFiles: () => this.#ownFiles,
      log: componentLog(log, name),
      count: (event, by) => tally.count(`${kind}.${name}.${event}`, by),
    };
  }
}

/** What may be written later, so that nobody sees it open yet; by its real path, as inputs find it. */
async function deadLetterPaths({ path }: DataDir): Promise<string[]> {
  const folders = new Set([path, await realpath(path)]);
  return [...folders].flatMap((folder) => [join(folder, ACTIVE_NAME), join(folder, REPLAYED_NAME)]);
}

/** Makes and opens a component. A plugin may throw at once as well as reject. @throws TrilogError with this code, or with the component's own. */
export async function started<Component extends Input | Output>(code: ErrorCode, who: string, create: () => Component): Promise<Component> {
  try {
    const component = create();
    await component.open();
    return component;
  } catch (cause) {
    if (cause instanceof TrilogError) throw cause;
    throw new TrilogError(code, `${who}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Whatever a component does at its end, the others are closed, too. */
export async function closed(component: { close(): Promise<void> }, log: Pick<Logger, 'error'>): Promise<void> {
  try {
    await component.close();
  } catch (error) {
    log.error('could not close', { error: String(error) });
  }
}
