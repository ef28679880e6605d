import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Replayed } from '../../src/replay/replayed.js';

const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(22)) as [string, string, string];

function place(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-replayed-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'dead-letters.replayed');
}

test('what was added is known to the next run, each once', async (t) => {
  const path = place(t);
  const first = await Replayed.load(path);
  await first.add([A]);
  await first.add([A, B]);
  await first.close();
  t.is(readFileSync(path, 'latin1'), `${A}\n${B}\n`);
  const second = await Replayed.load(path);
  t.deepEqual([second.has(A), second.has(B), second.has(C)], [true, true, false]);
});

test('a torn key is none, and does not spoil the next', async (t) => {
  const path = place(t);
  const first = await Replayed.load(path);
  await first.add([A]);
  await first.close();
  appendFileSync(path, B.slice(0, 7));
  const second = await Replayed.load(path);
  t.false(second.has(B));
  await second.add([C]);
  await second.close();
  t.deepEqual([...(await Replayed.load(path)).keys], [A, C]);
});

test('keys of letters that are gone are forgotten, and with the last the file', async (t) => {
  const path = place(t);
  const replayed = await Replayed.load(path);
  await replayed.add([A, B]);
  await replayed.keep(new Set([B, C]));
  await replayed.add([C]);
  await replayed.close();
  t.deepEqual([...(await Replayed.load(path)).keys], [B, C]);
  await replayed.keep(new Set());
  t.false(existsSync(path));
});
