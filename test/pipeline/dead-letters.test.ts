import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { TrilogError } from '../../src/errors.js';
import { nextNumber, placement, rotatedNumber, rotatedPath } from '../../src/pipeline/dead-letter-files.js';
import { type DeadLetter, DeadLetterStore } from '../../src/pipeline/dead-letters.js';
import { familyOf } from '../../src/record/log-name.js';

const NOW = Date.UTC(2026, 2, 2, 10, 11, 12);
const ROOMY = { maxBytes: 100_000_000, rotateBytes: 100_000_000 };

function place(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-letters-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function open(t: ExecutionContext, folder: string, limits = ROOMY): DeadLetterStore {
  const store = new DeadLetterStore(folder, limits, () => NOW);
  t.teardown(() => store.close());
  return store;
}

function letter(message: string): DeadLetter {
  return { document: JSON.stringify({ message }), output: 'out', reason: 'no' };
}

/** All letters of a folder, the oldest file first. */
function letters(folder: string): { time: string; output: string; reason: string; record: { message: string } }[] {
  // `dead-letters.ndjson` itself is the newest, and sorts first.
  const [active, ...rotated] = readdirSync(folder).sort();
  return [...rotated, active ?? '']
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

function messages(folder: string): string[] {
  return letters(folder).map(({ record }) => record.message);
}

for (const [what, active, rotated, incoming, expected] of [
  ['nothing there', 0, 0, 10, 'append'],
  ['room in the active file', 40, 0, 10, 'append'],
  ['exactly as much as it may be', 40, 50, 10, 'append'],
  ['the active file would become too large', 45, 0, 10, 'rotate'],
  ['all together would become too large', 40, 51, 10, 'full'],
  ['rotated files alone fill it', 0, 95, 10, 'full'],
  ['larger than a file, with nothing in that', 0, 20, 60, 'append'],
  ['larger than everything, with nothing there', 0, 0, 1000, 'append'],
  ['larger than everything, with something there', 1, 0, 1000, 'full'],
] as const) {
  test(`where letters go: ${what}`, (t) => {
    t.is(placement({ active, rotated }, incoming, { maxBytes: 100, rotateBytes: 50 }), expected);
  });
}

test('numbers of rotated files only grow, whatever the clock says', (t) => {
  t.is(nextNumber(NOW, []), NOW / 1000);
  t.is(nextNumber(NOW, [NOW / 1000, 1_000_000_007]), NOW / 1000 + 1);
  t.is(nextNumber(0, []), 1_000_000_000);
  for (const now of [0, NOW, 8.64e15]) {
    const path = rotatedPath('/data', nextNumber(now, []));
    t.is(rotatedNumber(path.slice('/data/'.length)), nextNumber(now, []));
    // An input that leaves the active file alone leaves these alone, too.
    t.is(familyOf(path), '/data/dead-letters.ndjson');
  }
});

test('other names are no rotated files', (t) => {
  for (const name of [
    'dead-letters.ndjson',
    'dead-letters.ndjson.1',
    'dead-letters.ndjson.1772445072.gz',
    'dead-letters.replayed',
    'x.1772445072',
  ])
    t.is(rotatedNumber(name), null);
});

test('a file is put aside before it would become too large, and all letters are there in order', async (t) => {
  const folder = place(t);
  const store = open(t, folder, { maxBytes: 1_000_000, rotateBytes: 250 });
  const sent = Array.from({ length: 10 }, (_, i) => `message ${i}`);
  for (const message of sent) await store.store([letter(message)]);
  t.deepEqual(messages(folder), sent);
  const names = readdirSync(folder);
  t.true(names.length > 2);
  for (const name of names) t.true(statSync(join(folder, name)).size <= 250);
  t.is(letters(folder)[0]?.time, '2026-03-02T10:11:12.000Z');
});

test('past the bound it throws, keeps what it has, and goes on when files were removed', async (t) => {
  const folder = place(t);
  const store = open(t, folder, { maxBytes: 500, rotateBytes: 250 });
  let error: unknown;
  let stored = 0;
  while (error === undefined) {
    await store.store([letter(`message ${stored}`)]).then(
      () => stored++,
      (thrown: unknown) => {
        error = thrown;
      },
    );
  }
  t.is((error as TrilogError).code, 'DEAD_LETTERS_FULL');
  t.regex((error as TrilogError).message, /\d+ bytes are stored, \d+ more would be beyond dead_letters.max_bytes \(500\)$/);
  t.is(messages(folder).length, stored);
  // The last file was put aside, so that all can be removed while this goes on.
  t.false(existsSync(store.path));
  await t.throwsAsync(store.store([letter('again')]));
  for (const name of readdirSync(folder)) if (rotatedNumber(name) !== null) rmSync(join(folder, name));
  await store.store([letter('after')]);
  t.deepEqual(messages(folder), ['after']);
});

test('what was stored before a start counts', async (t) => {
  const folder = place(t);
  writeFileSync(rotatedPath(folder, 1_772_445_000), 'x'.repeat(450));
  await t.throwsAsync(async () => {
    const store = open(t, folder, { maxBytes: 500, rotateBytes: 250 });
    await store.store([letter('x'.repeat(100))]);
  });
});

test('a full disk is told as such, and keeps nothing from coming later', async (t) => {
  const folder = place(t);
  const path = join(folder, 'dead-letters.ndjson');
  symlinkSync('/dev/full', path);
  const store = open(t, folder);
  const error = await t.throwsAsync(store.store([letter('a')]));
  t.is((error as TrilogError).code, 'DEAD_LETTERS_FULL');
  rmSync(path);
  await store.store([letter('a')]);
  t.deepEqual(messages(folder), ['a']);
});

test('a crash before or after the rename of a rotation loses nothing and goes on', async (t) => {
  const folder = place(t);
  const first = open(t, folder, { ...ROOMY, rotateBytes: 150 });
  await first.store([letter('a')]);
  await first.close();
  // Renamed, and nothing more: the next file was not there yet.
  renameSync(first.path, rotatedPath(folder, NOW / 1000));
  const second = open(t, folder, { ...ROOMY, rotateBytes: 150 });
  await second.store([letter('b')]);
  await second.store([letter('c')]);
  t.deepEqual(messages(folder), ['a', 'b', 'c']);
});

test('a file that somebody moved away is begun anew', async (t) => {
  const folder = place(t);
  const store = open(t, folder);
  await store.store([letter('a')]);
  renameSync(store.path, rotatedPath(folder, NOW / 1000));
  await store.store([letter('b')]);
  t.deepEqual(messages(folder), ['a', 'b']);
});

test('a torn letter is ended before the next', async (t) => {
  const folder = place(t);
  const before = open(t, folder);
  await before.store([letter('a')]);
  appendFileSync(before.path, '{"time":"2026');
  await before.close();
  await open(t, folder).store([letter('b')]);
  const lines = readFileSync(before.path, 'utf8').trimEnd().split('\n');
  t.deepEqual([lines.length, lines[1], JSON.parse(lines[2] ?? '').record], [3, '{"time":"2026', { message: 'b' }]);
});

for (const [what, document, expected] of [
  ['an object', '{"message":"a"}', { message: 'a' }],
  ['an object of many lines', '{\n "message": "a"\n}', { message: 'a' }],
  ['text that is no JSON', 'plain "text"\nof two lines', 'plain "text"\nof two lines'],
  ['JSON that is no object', '[1]', '[1]'],
  ['null', 'null', 'null'],
  ['half an object', '{"message":', '{"message":'],
  ['two objects', '{}\n{}', '{}\n{}'],
] as const) {
  test(`every letter is one line of JSON: ${what}`, async (t) => {
    const folder = place(t);
    const store = open(t, folder);
    await store.store([{ document, output: 'o', reason: 'with "quotes"\nand lines' }]);
    const text = readFileSync(store.path, 'utf8');
    t.is(text.indexOf('\n'), text.length - 1);
    t.like(JSON.parse(text), { record: expected, reason: 'with "quotes"\nand lines' });
  });
}

test('an object stays as it was given, numbers that JavaScript does not have too', async (t) => {
  const folder = place(t);
  const store = open(t, folder);
  await store.store([{ document: '{"n":12345678901234567890}', output: 'o', reason: '' }]);
  t.true(readFileSync(store.path, 'utf8').endsWith('"record":{"n":12345678901234567890}}\n'));
});

test('ten thousand letters at once, and a record of a megabyte', async (t) => {
  const folder = place(t);
  const store = open(t, folder);
  await store.store(Array.from({ length: 10_000 }, (_, i) => letter(`message ${i}`)));
  await store.store([letter('\u0001'.repeat(1_000_000))]);
  const found = messages(folder);
  t.deepEqual([found.length, found[9999], found.at(-1)?.length], [10_001, 'message 9999', 1_000_000]);
});

test('outputs that store at the same time do not get between each other, also where it is full', async (t) => {
  const folder = place(t);
  const store = open(t, folder, { maxBytes: 3000, rotateBytes: 500 });
  const results = await Promise.allSettled(Array.from({ length: 60 }, (_, i) => store.store([letter(`message ${i}`)])));
  const stored = results.flatMap(({ status }, i) => (status === 'fulfilled' ? [`message ${i}`] : []));
  t.true(stored.length > 10 && stored.length < 60);
  t.deepEqual(messages(folder), stored);
});
