import type { Entry } from '../../../src/stages/memory/entry.js';

/** An entry by its number, so that a test can tell whether what it reads is right. */
export function entryOf(n: number, change: Partial<Entry> = {}): Entry {
  return {
    logger: `nova.part${n % 7}.manager`,
    level: n % 2 === 0 ? 'ERROR' : 'INFO',
    template: `statement ${n} about <id> and <num>`,
    answer: { model: 'tiny@1#0', stage: 'bert', guesses: [{ label: n % 3 === 0 ? 'instance.failure' : 'other', confidence: 0.9 }] },
    llm: null,
    ...{ firstSeen: 1000 + n, lastSeen: 2000 + n, count: n },
    ...change,
  };
}
