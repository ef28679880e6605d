import test from 'ava';
import { storm } from './storm.js';

const RECORDS = 1_000_000;
const DELIVERIES = ['at_least_once', 'exactly_once'] as const;

for (const delivery of DELIVERIES)
  test(`a million records ${delivery} through up to four agents that join, leave, are killed and are paused: none is lost, no repeat has another id`, async (t) => {
    const { records, repeats, ...wrong } = await storm(t, { records: RECORDS, delivery });
    t.deepEqual(wrong, { lost: 0, missing: [], otherIds: 0, strangers: 0 });
    t.is(records, RECORDS + repeats);
    if (promisesOnce(delivery)) t.is(repeats, 0);
  });

function promisesOnce(delivery: string): boolean {
  return delivery === 'exactly_once';
}
