import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { PACKAGE_ROOT } from '../../src/paths.js';

/** The real command's code. */
export const MAIN = join(PACKAGE_ROOT, 'dist', 'src', 'main.js');

/** Runs the real command. */
export function trilog(
  args: readonly string[],
  input = '',
  env: NodeJS.ProcessEnv = process.env,
): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { input, encoding: 'utf8', env });
  return { status, out: stdout, err: stderr };
}

/** An environment whose home and temporary folder is this one, in which nobody has forbidden onnxruntime to report to its vendor. */
export function atHome(folder: string): NodeJS.ProcessEnv {
  return { ...process.env, HOME: folder, TMPDIR: folder, XDG_CACHE_HOME: undefined, ORT_DISABLE_TELEMETRY: undefined };
}

/** A folder that goes with the test, with these files in it. */
export function folderWith(t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-command-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}
