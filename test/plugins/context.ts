import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ComponentContext } from '../../src/plugin/contract.js';

const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'trilog-component-'));
  folders.push(path);
  return path;
}

/** What an agent would lend to a component: a folder of its own, a log that keeps silent, counts that can be looked at. */
export function context(changes: Partial<ComponentContext> = {}): ComponentContext & { readonly counts: Map<string, number> } {
  const counts = new Map<string, number>();
  const silent = (): void => {};
  return {
    name: 'test',
    dataDir: folder(),
    configDir: tmpdir(),
    host: 'compute01',
    ownFiles: () => [],
    log: { debug: silent, info: silent, warn: silent, error: silent },
    count: (name, by = 1) => void counts.set(name, (counts.get(name) ?? 0) + by),
    ...changes,
    counts,
  };
}
