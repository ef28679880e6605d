import test from 'ava';
import fc from 'fast-check';
import { Place } from './reading.js';
import { check, step, World } from './world.js';

for (const [what, keys] of [
  ['the usual keys', {}],
  ['small blocks, one descriptor that is closed at once, copies selected too', { read_block_bytes: 1_024, max_open_files: 4, glob: '*' }],
] as const) {
  test(`whatever happens to the files and the agent, every line comes, in order, and again only as the same: ${what}`, async (t) => {
    t.timeout(110_000);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const cleanups: (() => Promise<void>)[] = [];
        const place = await Place.make({ teardown: (fn) => void cleanups.push(fn) });
        const { glob, ...rest } = { glob: '*.log', ...keys };
        const world = new World(place, { read_from: 'beginning', include: [place.log(glob)], exclude: ['*.new'], ...rest });
        try {
          await world.begin();
          for (const each of steps) await world.take(each);
          await world.end();
        } finally {
          await world.stop(false);
          for (const cleanup of cleanups) await cleanup();
        }
        check(world);
      }),
      { numRuns: Number(process.env['TRILOG_TEST_RUNS'] ?? 60), seed: Number(process.env['TRILOG_TEST_SEED'] ?? 1) },
    );
    t.pass();
  });
}
