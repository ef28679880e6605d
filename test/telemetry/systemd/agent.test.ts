import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { folderWith, MAIN } from '../../commands/trilog.js';
import { NotifySocket } from './notify-socket.js';

const compute = join(PACKAGE_ROOT, 'examples', 'sample-logs', 'nova-compute.log');

/** A plugin of an output with these bodies of `open` and `write`. */
function outputPlugin({ open = '', write = 'return [];' }: { open?: string; write?: string }): string {
  return `import { spawnSync } from 'node:child_process';
  export const plugin = {
    kind: 'output', type: 'mine', summary: 'mine', config: { safeParse: (data) => ({ success: true, data }) },
    create: () => ({ async open() { ${open} }, encode: (records) => records.length, async write() { ${write} }, async close() {} }),
  };`;
}

/** A real agent that is a service of a manager of which only the socket is there. */
async function agent(t: ExecutionContext, plugin: string, watchdogMs = 60_000) {
  const socket = await NotifySocket.open(t);
  const folder = folderWith(t, { 'mine.mjs': plugin });
  const config = join(folder, 'trilog.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      data_dir: 'state',
      inputs: { logs: { type: 'file', include: [compute], read_from: 'beginning', poll_interval_ms: 20 } },
      classify: { bert: false, known: false, rules: { packs: [] } },
      outputs: { out: { type: './mine.mjs' } },
      pipeline: { multiline_pause_ms: 20, stop_timeout_ms: 50 },
    }),
  );
  const env = { ...process.env, NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: String(watchdogMs * 1000) };
  const child = spawn(process.execPath, [MAIN, 'run', '-c', config], { stdio: ['ignore', 'pipe', 'ignore'], env });
  t.teardown(() => child.kill('SIGKILL'));
  return { socket, child };
}

test('it is ready when its inputs and outputs are open, and not before', async (t) => {
  // Each is read before the next is sent: whatever was said before the end of `open` stands before the last of them.
  const open = "for (let i = 0; i < 5; i++) spawnSync('systemd-notify', ['STATUS=opening']);";
  const { socket } = await agent(t, outputPlugin({ open }));
  await socket.until(({ READY }) => READY === '1');
  t.deepEqual(socket.messages.slice(0, 5), Array(5).fill({ STATUS: 'opening' }));
});

test('a stop is told, with the time that the configuration gives it, and ends within it though an output hangs', async (t) => {
  const { socket, child } = await agent(t, outputPlugin({ write: "process.stdout.write('stuck'); await new Promise(() => {});" }));
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  const [status] = await once(child, 'exit');
  t.is(status, 0);
  t.like(await socket.until(({ STOPPING }) => STOPPING === '1'), { EXTEND_TIMEOUT_USEC: '1050000' });
});

test('an output that hangs does not keep the watchdog from being fed', async (t) => {
  const hang = "process.stdout.write('stuck'); await new Promise(() => {});";
  const { socket, child } = await agent(t, outputPlugin({ write: hang }), 300);
  await once(child.stdout, 'data');
  await socket.until(({ READY }) => READY === '1');
  for (let feeds = 0; feeds < 4; feeds++)
    t.like(await socket.until(({ WATCHDOG }) => WATCHDOG === '1', socket.messages.length), { WATCHDOG: '1' });
});

test('an output that fails is in the status by its name, without what the other side said', async (t) => {
  const { socket } = await agent(t, outputPlugin({ write: "throw new Error('a secret');" }), 300);
  const { STATUS = '' } = await socket.until(({ STATUS }) => STATUS?.includes('failing') === true);
  t.regex(STATUS, /^\d+ records, \d+\/s; output out has been failing for \d+ s, \d+ records waiting$/);
});
