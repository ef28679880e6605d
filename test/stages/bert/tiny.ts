import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import type { ComponentLog } from '../../../src/plugin/contract.js';
import { type ModelFolder, readModelFolder } from '../../../src/stages/bert/model-folder.js';
import type { BertOptions } from '../../../src/stages/bert/stage.js';
import { loadTaxonomy } from '../../../src/stages/taxonomy.js';

/** A real classifier of a few kilobytes; `tiny-model/make.py` says how it votes. */
export const TINY = join(PACKAGE_ROOT, 'test', 'stages', 'bert', 'tiny-model');

/** A copy that a test may spoil; it goes with the test. */
export function tinyCopy(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-model-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(TINY, folder, { recursive: true });
  return folder;
}

export function tinyModel(folder = TINY): ModelFolder {
  return readModelFolder(folder, loadTaxonomy());
}

export const TINY_OPTIONS: BertOptions = {
  ...{ minConfidence: null, minConfidenceByLabel: {}, threads: 1, maxTokens: null },
  executionProviders: ['cpu'],
};

/** Keeps what was said. */
export class LogKept implements ComponentLog {
  readonly said: string[] = [];
  readonly debug = (): void => {};
  readonly info = (): void => {};
  readonly warn = (message: string, fields = {}): void => void this.said.push(`warn ${message} ${JSON.stringify(fields)}`);
  readonly error = (message: string, fields = {}): void => void this.said.push(`error ${message} ${JSON.stringify(fields)}`);
}
