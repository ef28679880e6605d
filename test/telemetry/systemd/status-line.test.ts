import test from 'ava';
import { type Situation, statusLine } from '../../../src/telemetry/systemd/status-line.js';

const NOW = 10_000_000;
const WELL: Situation = {
  records: 1234,
  perSecond: 99.6,
  outputs: [{ name: 'search', queued: 3, failing: null }],
  still: false,
  refused: false,
  now: NOW,
};
const failing = (name: string, queued: number, seconds: number) => ({
  name,
  queued,
  failing: { reason: 'x', since: NOW - seconds * 1000 },
});

const CASES: readonly (readonly [string, Partial<Situation>, string])[] = [
  ['what went through and how fast', {}, '1,234 records, 100/s'],
  ['one is one', { records: 1, perSecond: 0 }, '1 record, 0/s'],
  [
    'every output that fails, with what waits for it',
    { outputs: [failing('search', 12_000, 40), failing('kafka', 1, 7200)] },
    '1,234 records, 100/s; output search has been failing for 40 s, 12,000 records waiting; output kafka has been failing for 2 h, 1 record waiting',
  ],
  [
    'an agent that stands still, and a file that was refused',
    { still: true, refused: true },
    '1,234 records, 100/s; nothing moves although there is work; the last reload was refused, see the log',
  ],
];

for (const [title, situation, line] of CASES) test(`the status says ${title}`, (t) => t.is(statusLine({ ...WELL, ...situation }), line));
