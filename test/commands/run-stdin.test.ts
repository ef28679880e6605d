import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import { PACKAGE_ROOT } from '../../src/paths.js';
import { folderWith, MAIN } from './trilog.js';

const LINES = 1000;

/** A line as Fluentd's exec_filter writes it. */
function fromFluentd(n: number): string {
  const message = `2026-03-02 10:11:${String(12 + Math.floor(n / 100)).padStart(2, '0')}.${String(n % 100).padStart(3, '0')} 7 INFO nova.compute.manager [None req-a - - - - -] Instance number ${n} spawned successfully.`;
  return `${JSON.stringify({ message, path: '/var/log/nova/nova-compute.log' })}\n`;
}

/** The real command with the example's configuration, as Fluentd would start it. */
function child(t: ExecutionContext) {
  const folder = folderWith(t, {});
  const config = join(PACKAGE_ROOT, 'examples', 'exec-filter.yaml');
  const env = { ...process.env, TRILOG_DATA: join(folder, 'data') };
  const started = spawn(process.execPath, [MAIN, 'run', '-c', config], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => void started.kill('SIGKILL'));
  return started;
}

async function take(lines: AsyncIterator<string>, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) {
    const next = await lines.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}

const numberIn = (line: string): number => Number(/number (\d+) /.exec(JSON.parse(line).message)?.[1]);
const numbers = Array.from({ length: LINES }, (_line, n) => n);

test('as a child of exec_filter it gives every line back, in order, while its input stays open; then ends with it', async (t) => {
  const agent = child(t);
  const lines = createInterface({ input: agent.stdout })[Symbol.asyncIterator]();
  const ended = once(agent, 'exit');
  agent.stdin.write(numbers.map(fromFluentd).join(''));
  // Nothing ends here: the last line comes because nothing continues it.
  t.deepEqual((await take(lines, LINES)).map(numberIn), numbers);
  agent.stdin.write(fromFluentd(LINES));
  t.deepEqual((await take(lines, 1)).map(numberIn), [LINES]);
  agent.stdin.end(numbers.map(fromFluentd).join(''));
  t.deepEqual((await take(lines, LINES + 1)).map(numberIn), numbers);
  t.deepEqual(await ended, [0, null]);
});

test('a stop while the input is open gives back all that was taken, and ends', async (t) => {
  const agent = child(t);
  const lines = createInterface({ input: agent.stdout })[Symbol.asyncIterator]();
  const ended = once(agent, 'exit');
  agent.stdin.write(fromFluentd(0) + fromFluentd(1));
  // The second is still held for a continuation, or is not: it comes in either case.
  t.deepEqual((await take(lines, 1)).map(numberIn), [0]);
  agent.kill('SIGTERM');
  t.deepEqual((await take(lines, 2)).map(numberIn), [1]);
  t.deepEqual(await ended, [0, null]);
});
