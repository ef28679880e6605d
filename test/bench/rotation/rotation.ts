import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Tail } from 'tail';
import { plugin } from '../../../plugins/inputs/file/index.js';

/**
 * Lines lost over rotations, by this input and by the npm package `tail`:
 * `node dist/test/bench/rotation/rotation.js [--lines 50000] [--rotations 10] [--rate 10000]`.
 */
const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '50000' },
    rotations: { type: 'string', default: '10' },
    rate: { type: 'string', default: '10000' },
  },
});
const lines = Number(values.lines);

/** Starts a follower that calls `take` per line; what it returns stops it. */
type Follower = (path: string, dataDir: string, take: (line: string) => void) => Promise<() => Promise<void>>;

const followFile: Follower = async (path, dataDir, take) => {
  const silent = () => undefined;
  const log = { debug: silent, info: silent, warn: console.error, error: console.error };
  const input = plugin.create(plugin.config.parse({ include: [path] }), {
    name: 'bench',
    dataDir,
    host: 'bench',
    configDir: dataDir,
    ownFiles: () => [],
    log,
    count: silent,
  });
  const stopping = new AbortController();
  await input.open();
  const reading = (async () => {
    for await (const block of input.read(stopping.signal)) {
      for (const line of block.lines) take(line);
      input.settled(block.source, block.end);
    }
  })();
  return async () => {
    stopping.abort();
    await reading;
    await input.close();
  };
};

const followTail: Follower = async (path, _dataDir, take) => {
  const tail = new Tail(path, { follow: true, flushAtEOF: false, logger: { info() {}, error() {} } as unknown as Console });
  tail.on('line', take);
  tail.on('error', (error) => console.error(String(error)));
  return async () => tail.unwatch();
};

async function lost(follow: Follower, mode: string): Promise<{ lost: number; repeated: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'trilog-rotation-'));
  try {
    const path = join(folder, 'a.log');
    await mkdir(join(folder, 'data'));
    await writeFile(path, '');
    const seen = new Uint8Array(lines);
    let taken = 0;
    const stop = await follow(path, join(folder, 'data'), (line) => {
      const number = Number(line.slice(0, line.indexOf(' ')));
      if (!(number < lines)) return;
      seen[number] = 1;
      taken += 1;
    });
    await sleep(500);
    const writer = fileURLToPath(new URL('writer.js', import.meta.url));
    const child = spawn(process.execPath, [writer, path, values.lines, values.rotations, values.rate, mode], { stdio: 'inherit' });
    await once(child, 'exit');
    // Whatever is still on its way has come when nothing came for two seconds.
    for (let before = -1; before !== taken; await sleep(2_000)) before = taken;
    await stop();
    const found = seen.reduce((sum, one) => sum + one, 0);
    return { lost: lines - found, repeated: taken - found };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

console.log(`${lines} lines, ${values.rotations} rotations, ${values.rate} lines/s\n`);
console.log('| follower | rotation | lost | repeated |\n| --- | --- | --- | --- |');
for (const mode of ['rename', 'copytruncate']) {
  for (const [name, follow] of [
    ['trilog file', followFile],
    ['tail 2.2.6', followTail],
  ] as const) {
    const result = await lost(follow, mode);
    console.log(`| ${name} | ${mode} | ${result.lost} | ${result.repeated} |`);
  }
}
