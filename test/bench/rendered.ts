import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** One JSON line of the shared folder's `render.py`. */
export interface RenderedLine {
  readonly logger: string;
  readonly level: string;
  readonly message: string;
  readonly template: string;
}

/** Records that `render.py` makes of log statements, with values and exceptions of a made-up cloud; empty where Python is not installed. */
export function renderedLines(data: string, count: number, seed: number): RenderedLine[] {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-render-'));
  try {
    // The program looks for its tables, unpacked, beside itself.
    copyFileSync(join(dirname(data), 'tools', 'render.py'), join(folder, 'render.py'));
    for (const name of ['templates.jsonl', 'exceptions.jsonl'])
      writeFileSync(join(folder, name), execFileSync('xz', ['-dc', join(data, `${name}.xz`)], { maxBuffer: 1 << 28 }));
    const options = ['-n', `${count}`, '--seed', `${seed}`, '--mode', 'uniform', '--format', 'jsonl'];
    const output = execFileSync('python3', [join(folder, 'render.py'), ...options], { maxBuffer: 1 << 28, encoding: 'utf8' });
    return output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as RenderedLine);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
