import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { agent, rules } from '../../pipeline/reloaded-agent.js';

const RELOADS = 200;
const LINES = 50;
/** Resident memory of the last quarter beside that of the one before: earlier ones fill what there is. */
const FLAT = 1.1;

function residentMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

test('two hundred reloads under load, good, bad and changed, beside an output that hangs: nothing is lost, what comes again has its id, and memory is flat', async (t) => {
  t.timeout(600_000);
  const { folder, configure, reload, log, arrived, write, pid } = await agent(t, { hanging: true });
  const all = { type: 'file', path: join(folder, 'out.ndjson'), rotate_bytes: 0 };
  const nova = { type: 'file', include: ['nova.log'], read_from: 'beginning' };
  const extra = (round: number): object => ({
    type: 'file',
    path: join(folder, 'extra.ndjson'),
    when: { levels: [round % 2 === 0 ? 'ERROR' : 'INFO'] },
  });
  /** What is changed, and whether that is right. */
  const changes: readonly (readonly [change: (round: number) => void, isRight: boolean])[] = [
    [(round) => write('site.yaml', rules(`site.round_${round}`)), true],
    [() => write('site.yaml', 'rules: ['), false],
    [
      (round) => {
        write('site.yaml', rules('site.first'));
        configure({ outputs: { all, hangs: { type: './hangs.mjs' }, extra: extra(round) } });
      },
      true,
    ],
    [
      (round) =>
        configure(
          round % 4 === 3 ? { inputs: { nova: { ...nova, poll_interval_ms: 20 + round } } } : { log: { level: 'debug', format: 'json' } },
        ),
      true,
    ],
    [
      () => configure({ outputs: { all, hangs: { type: './hangs.mjs' }, none: { type: 'file', path: join(folder, 'nova.log', 'x') } } }),
      false,
    ],
    [() => configure({ outputs: { all } }), false],
    [() => configure(), true],
  ];
  const resident: number[] = [];
  for (let round = 0; round < RELOADS; round++) {
    const [change, isRight] = changes[round % changes.length] ?? [() => {}, true];
    log(LINES);
    change(round);
    const reloading = reload();
    log(LINES);
    const said = await reloading;
    t.is(
      said.every(({ level }) => level !== 'error'),
      isRight,
      JSON.stringify(said),
    );
    resident.push(residentMegabytes(pid));
  }
  const count = 2 * LINES * RELOADS;
  const last = `the frobnicator turned ${count - 1}`;
  let found = await arrived(count);
  while (found.at(-1)?.message !== last) found = await arrived(found.length + 1);
  // An input that is replaced reads again what the output that hangs has not stored: it comes under the ids that it had.
  const idOf = new Map(found.map(({ message, event }) => [message, event.id]));
  t.deepEqual(
    [...idOf.keys()],
    Array.from({ length: count }, (_, i) => `the frobnicator turned ${i}`),
  );
  t.is(new Set(found.map(({ event }) => event.id)).size, count);
  t.log(`${found.length - count} of ${count} records came again, each under the same id`);
  const highest = (from: number): number => Math.max(...resident.slice((from * RELOADS) / 4, ((from + 1) * RELOADS) / 4));
  t.log(`resident MB, the highest of each quarter: ${[0, 1, 2, 3].map((quarter) => highest(quarter).toFixed(0)).join(', ')}`);
  t.true(highest(3) < FLAT * highest(2));
});
