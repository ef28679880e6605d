import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ComponentContext } from '../../src/plugin/contract.js';

/** What an agent would lend to a component: a folder of its own, a log that keeps silent, counts that can be looked at. */
export function context(changes: Partial<ComponentContext> = {}): ComponentContext & { readonly counts: Map<string, number> } {
  const counts = new Map<string, number>();
  const silent = (): void => {};
  return {
    name: 'test',
    dataDir: mkdtempSync(join(tmpdir(), 'trilog-component-')),
    configDir: tmpdir(),
    host: 'compute01',
    ownFiles: [],
    log: { debug: silent, info: silent, warn: silent, error: silent },
    count: (name, by = 1) => void counts.set(name, (counts.get(name) ?? 0) + by),
    ...changes,
    counts,
  };
}
