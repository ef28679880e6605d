import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { TrilogError } from '../../../src/errors.js';
import type { Entry } from '../../../src/stages/memory/entry.js';
import { readEntries, storeEntries } from '../../../src/stages/memory/import.js';
import { MemoryStore } from '../../../src/stages/memory/store.js';
import { LogKept } from '../bert/tiny.js';
import { entryOf } from './entries.js';

function problemsOf(text: string): string[] {
  try {
    readEntries(text, 'dump');
    return [];
  } catch (error) {
    if (error instanceof TrilogError && error.code === 'MEMORY_INVALID') return error.message.split('\n');
    throw error;
  }
}

test('entries are read, over empty lines, a mark of the byte order and the newlines of others', (t) => {
  const lines = [entryOf(1), entryOf(2)].map((entry) => JSON.stringify(entry));
  t.deepEqual(readEntries(`\ufeff${lines[0]}\r\n\r\n${lines[1]}\n \n`, 'dump'), [entryOf(1), entryOf(2)]);
  t.deepEqual(readEntries('', 'dump'), []);
});

test('every problem is told in a line, with its line', (t) => {
  const problems = problemsOf(`${JSON.stringify(entryOf(1))}\n\n{"template":\u001b[31m1}\n5\n{}\n`);
  t.is(problems.length, 3);
  t.regex(problems[0] ?? '', /^dump:3: it is no JSON: .*\\x1b/);
  t.regex(problems[1] ?? '', /^dump:4: .*expected object/);
  t.regex(problems[2] ?? '', /^dump:5: logger: .*; level: .*; template: .*; answer: .*; firstSeen: .*; lastSeen: .*; count: /);
});

test('what the agent would never write is refused', (t) => {
  const guess = { label: 'other', confidence: 0.5 };
  const changes: Record<string, Partial<Entry>> = {
    logger: { logger: 'x'.repeat(256) },
    template: { template: 'x'.repeat(401) },
    count: { count: -1 },
    firstSeen: { firstSeen: -1 },
    lastSeen: { lastSeen: 1e16 },
    'answer.guesses': { answer: { model: 'tiny', stage: 'bert', guesses: [guess, guess] } },
    'answer.guesses.0.confidence': { answer: { model: 'tiny', stage: 'bert', guesses: [{ ...guess, confidence: 2 }] } },
  };
  for (const [path, change] of Object.entries(changes)) {
    const problems = problemsOf(JSON.stringify(entryOf(1, change)));
    t.is(problems.length, 1, path);
    t.true(problems[0]?.startsWith(`dump:1: ${path}: `), problems[0]);
  }
  const largest = { logger: 'x'.repeat(255), template: 'x'.repeat(400), count: 0, firstSeen: 0, lastSeen: 8.64e15 };
  t.deepEqual(problemsOf(JSON.stringify(entryOf(1, largest))), []);
});

test('more than the memory may hold makes room by what was not used for longest', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-memory-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const store = MemoryStore.open(folder, { maxEntries: 500, maxBytes: 1 << 24 }, new LogKept());
  const gone = await storeEntries(
    store,
    Array.from({ length: 2500 }, (_, i) => entryOf(i, { lastSeen: i })),
  );
  t.true(store.size <= 500 && store.size > 400, `${store.size}`);
  t.is(gone, 2500 - store.size);
  t.truthy(store.get(entryOf(2499)));
  t.is(store.get(entryOf(0)), null);
  await store.close();
});
