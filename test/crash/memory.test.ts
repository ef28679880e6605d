import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { PACKAGE_ROOT } from '../../src/paths.js';
import { MemoryStore } from '../../src/stages/memory/store.js';
import { TINY } from '../stages/bert/tiny.js';

const TEMPLATES = 10_000;
/** The store has grown by so much when it is killed. */
const GROWTH_BYTES = 300_000;
const LIMITS = { maxEntries: 100_000, maxBytes: 1 << 26 };

/** Each line has a template of its own, and a word that decides its label. */
function line(i: number): string {
  const own = [...i.toString(2)].map((digit) => (digit === '1' ? 'b' : 'a')).join('');
  return `2026-03-02 10:11:12.123 7 ERROR site.own.agent [-] ${i % 2 === 0 ? 'rabbit' : 'claim'} x${own}\n`;
}

function rightLabel(template: string): string {
  return template.startsWith('rabbit') ? 'messaging.connection' : 'capacity.allocation';
}

function start(config: string) {
  return spawn(process.execPath, [join(PACKAGE_ROOT, 'dist/src/main.js'), 'run', '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

test('kill -9 while the model answers and the memory is written: the next start remembers, and every answer is right', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-crash-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const [log, output, config, memory] = [
    join(folder, 'own.log'),
    join(folder, 'out.ndjson'),
    join(folder, 'trilog.yaml'),
    join(folder, 'state', 'memory'),
  ];
  writeFileSync(log, Array.from({ length: TEMPLATES }, (_, i) => line(i)).join(''));
  writeFileSync(
    config,
    JSON.stringify({
      data_dir: 'state',
      inputs: { log: { type: 'file', include: [log], read_from: 'beginning', follow: false } },
      classify: { known: false, bert: { model: TINY } },
      outputs: { out: { type: 'file', path: output, rotate_bytes: 0 } },
      log: { level: 'warn' },
    }),
  );
  let remembered = 0;
  for (const round of [1, 2]) {
    const data = join(memory, 'data.mdb');
    const enough = sizeOf(data) + round * GROWTH_BYTES;
    const agent = start(config);
    const exit = once(agent, 'exit');
    while (sizeOf(data) < enough && agent.exitCode === null) await sleep(1);
    agent.kill('SIGKILL');
    await exit;
    const store = MemoryStore.openExisting(memory, LIMITS);
    t.log({ round, bytes: sizeOf(data), before: remembered, remembered: store.size });
    // What was being written when it died may be in the file and not count yet.
    t.true(store.size > 0 && store.size >= remembered);
    remembered = store.size;
    for (const [, { template, answer }] of store.entries()) if (answer?.guesses[0]?.label !== rightLabel(template)) t.fail(template);
    await store.close();
  }

  const last = start(config);
  const said: Buffer[] = [];
  last.stderr.on('data', (chunk) => said.push(chunk));
  const [status] = await once(last, 'close');
  // A kill may fall into the writing of a line; the output says that it cuts the rest of it off.
  const complaints = Buffer.concat(said)
    .toString()
    .split('\n')
    .filter((text) => !text.includes('"cut off a torn last line"'));
  t.deepEqual([status, complaints.join('\n')], [0, '']);
  const seen = new Set<string>();
  for (const text of readFileSync(output, 'utf8').trimEnd().split('\n')) {
    const { message, trilog } = JSON.parse(text) as { message: string; trilog: { label: string; stage: string } };
    if (trilog.label !== rightLabel(message) || trilog.stage !== 'bert') t.fail(text);
    seen.add(message);
  }
  t.is(seen.size, TEMPLATES);
});
