import test from 'ava';
import { type Look, standsStill } from '../../../src/telemetry/systemd/stillness.js';

const NOTHING: Look = { steps: 7, classifying: 0, waiting: 0, outputs: [] };
const writing = { queued: 10, atWork: true };
const lazy = { queued: 10, atWork: false };
const done = { queued: 0, atWork: false };

interface Case {
  readonly title: string;
  readonly before: Partial<Look>;
  readonly now: Partial<Look>;
  readonly still: boolean;
}

const CASES: readonly Case[] = [
  { title: 'nothing to do', before: {}, now: {}, still: false },
  { title: 'an output that waits for records', before: { outputs: [done] }, now: { outputs: [done] }, still: false },
  { title: 'a batch that the cascade keeps', before: { classifying: 1 }, now: { classifying: 1 }, still: true },
  { title: 'a batch that has just come to the cascade', before: {}, now: { classifying: 1 }, still: false },
  { title: 'a batch in the cascade while others move', before: { classifying: 1 }, now: { classifying: 1, steps: 8 }, still: false },
  { title: 'a write that takes long', before: { outputs: [writing] }, now: { outputs: [writing] }, still: false },
  {
    title: 'a dead output, and batches that wait for room behind it',
    before: { outputs: [done, writing], waiting: 2 },
    now: { outputs: [done, writing], waiting: 2 },
    still: false,
  },
  {
    title: 'a dead output, and a cascade that keeps a batch',
    before: { outputs: [writing], classifying: 1 },
    now: { outputs: [writing], classifying: 1 },
    still: true,
  },
  { title: 'an output that has records and does not write', before: { outputs: [lazy] }, now: { outputs: [lazy] }, still: true },
  { title: 'an output that was idle for a moment', before: { outputs: [lazy] }, now: { outputs: [writing] }, still: false },
  {
    title: 'waiting for room that nothing takes',
    before: { waiting: 1, outputs: [done] },
    now: { waiting: 1, outputs: [done] },
    still: true,
  },
];

for (const { title, before, now, still } of CASES) {
  test(`${title}: ${still ? 'it stands still' : 'it does not stand still'}`, (t) => {
    t.is(standsStill({ ...NOTHING, ...before }, { ...NOTHING, ...now }), still);
  });
}
