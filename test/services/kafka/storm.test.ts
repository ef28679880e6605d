import test from 'ava';
import { storm } from './storm.js';

const RECORDS = 1_000_000;

test('a million records through up to four agents that join, leave, are killed and are paused: none is lost, repeats have the same id', async (t) => {
  const { lost, missing, otherIds, strangers, repeats, records } = await storm(t, { records: RECORDS, delivery: 'at_least_once' });
  t.deepEqual({ lost, missing, otherIds, strangers }, { lost: 0, missing: [], otherIds: 0, strangers: 0 });
  t.is(records, RECORDS + repeats);
});
