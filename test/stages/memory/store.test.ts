import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { open } from 'lmdb';
import { TrilogError } from '../../../src/errors.js';
import { decodeEntry, type Entry, encodeEntry, templateId } from '../../../src/stages/memory/entry.js';
import { MemoryStore } from '../../../src/stages/memory/store.js';
import { LogKept } from '../bert/tiny.js';
import { entryOf } from './entries.js';

const LIMITS = { maxEntries: 1000, maxBytes: 1 << 24 };

function folder(t: ExecutionContext): string {
  const parent = mkdtempSync(join(tmpdir(), 'trilog-memory-'));
  t.teardown(() => rmSync(parent, { recursive: true, force: true }));
  return join(parent, 'memory');
}

function opened(path: string, limits = LIMITS): { store: MemoryStore; log: LogKept } {
  const log = new LogKept();
  return { store: MemoryStore.open(path, limits, log), log };
}

function named(...entries: Entry[]): [string, Entry][] {
  return entries.map((entry) => [templateId(entry), entry]);
}

test('what was stored is there after the store was opened again', async (t) => {
  const path = folder(t);
  const first = opened(path).store;
  await first.put(named(entryOf(1), entryOf(2)));
  await first.close();
  const { store, log } = opened(path);
  t.deepEqual(store.get(entryOf(1)), entryOf(1));
  t.is(store.get(entryOf(3)), null);
  t.deepEqual([store.size, [...store.entries()].length, log.said], [2, 2, []]);
  await store.close();
});

test('two templates under one key never share an answer, and damaged bytes have none', async (t) => {
  const { store } = opened(folder(t));
  await store.put([['00'.repeat(16), entryOf(1)]]);
  t.is(store.get(entryOf(2), '00'.repeat(16)), null);
  t.truthy(store.get(entryOf(1), '00'.repeat(16)));
  const bytes = encodeEntry(entryOf(1));
  t.deepEqual(decodeEntry(bytes), entryOf(1));
  for (let i = 0; i < bytes.length; i++) {
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(damaged.readUInt8(i) ^ 4, i);
    t.is(decodeEntry(damaged), null);
    t.is(decodeEntry(bytes.subarray(0, i)), null);
  }
  await store.close();
});

test('what was not used for longest goes when there are too many', async (t) => {
  const { store } = opened(folder(t), { ...LIMITS, maxEntries: 2000 });
  await store.put(named(...Array.from({ length: 5000 }, (_, i) => entryOf(i, { lastSeen: i }))));
  t.is(await store.evict(), 3200);
  t.is(store.size, 1800);
  t.is(store.get(entryOf(3199)), null);
  t.truthy(store.get(entryOf(3200)));
  t.is(await store.evict(), 0);
  await store.close();
});

test('the bound on bytes holds too', async (t) => {
  const { store } = opened(folder(t), { maxEntries: 100_000, maxBytes: 200_000 });
  await store.put(named(...Array.from({ length: 2000 }, (_, i) => entryOf(i, { lastSeen: i }))));
  t.true(store.bytes > 200_000);
  await store.evict();
  t.true(store.bytes <= 200_000 && store.size > 100, `${store.bytes}`);
  await store.close();
});

test('a foreign, cut or older store is set aside with a warning, and a new one begun', async (t) => {
  const spoilers: ((path: string) => void | Promise<void>)[] = [
    (path) => writeFileSync(join(path, 'data.mdb'), 'x'.repeat(20_000)),
    (path) => writeFileSync(join(path, 'data.mdb'), 'x'),
    async (path) => {
      const { store } = opened(path);
      await store.put(named(...Array.from({ length: 500 }, (_, i) => entryOf(i))));
      await store.close();
      truncateSync(join(path, 'data.mdb'), 8192);
    },
    async (path) => {
      const db = open({ path, noSubdir: false, encoding: 'binary' });
      await db.put('somebody', Buffer.from('else'));
      await db.close();
    },
    async (path) => {
      const db = open({ path, noSubdir: false, encoding: 'binary', keyEncoding: 'binary' });
      await db.put(Buffer.from('\0format'), Buffer.from('0'));
      await db.close();
    },
    (path) => writeFileSync(join(path, 'opening'), '2'),
    (path) => mkdirSync(join(path, 'lock.mdb')),
    (path) => mkdirSync(join(path, 'data.mdb')),
    (path) => {
      rmSync(path, { recursive: true });
      writeFileSync(path, 'a file');
    },
  ];
  for (const [i, spoil] of spoilers.entries()) {
    const path = folder(t);
    mkdirSync(path);
    if (i === 5) await opened(path).store.close();
    await spoil(path);
    const { store, log } = opened(path);
    t.is(log.said.length, 1, `${i}`);
    t.regex(log.said.join(), /set aside/);
    t.is(store.size, 0);
    await store.put(named(entryOf(1)));
    t.truthy(store.get(entryOf(1)));
    await store.close();
    t.deepEqual(readdirSync(dirname(path)).sort(), ['memory', 'memory.set-aside']);
    t.deepEqual(opened(path).log.said, []);
  }
});

test('where nothing can be begun, that is told', (t) => {
  const path = folder(t);
  writeFileSync(path, 'a file');
  const error = t.throws(() => opened(join(path, 'memory')), { instanceOf: TrilogError, code: 'MEMORY_INVALID' });
  t.regex(error?.message ?? '', /memory cannot be opened: ENOTDIR.*; a new one cannot be begun: ENOTDIR/);
});

test('a command neither begins a store nor sets one aside', (t) => {
  const path = folder(t);
  const code = (): string => {
    try {
      MemoryStore.openExisting(path, LIMITS);
      return 'opened';
    } catch (error) {
      return error instanceof TrilogError ? error.code : String(error);
    }
  };
  t.is(code(), 'MEMORY_INVALID');
  t.false(existsSync(path));
  mkdirSync(path);
  writeFileSync(join(path, 'data.mdb'), 'x'.repeat(20_000));
  t.is(code(), 'MEMORY_INVALID');
  t.is(readFileSync(join(path, 'data.mdb'), 'utf8').length, 20_000);
});

test('another process sees that entries were removed', async (t) => {
  const path = folder(t);
  const { store } = opened(path);
  await store.put(named(entryOf(1)));
  t.false(store.changedByOthers());
  const other = MemoryStore.openExisting(path, LIMITS);
  t.is(await other.remove([templateId(entryOf(1))]), 1);
  await other.close();
  t.true(store.changedByOthers());
  t.false(store.changedByOthers());
  await store.close();
});

test('killed while it writes, again and again: it opens, and every answer is the right one', async (t) => {
  const path = folder(t);
  const writer = fileURLToPath(new URL('./writer.js', import.meta.url));
  let before = 0;
  for (let round = 0; round < 5; round++) {
    const child = spawn(process.execPath, [writer, path, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] });
    await until(child, 3 + round);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { store, log } = opened(path);
    t.deepEqual(log.said, []);
    const entries = [...store.entries()];
    t.is(entries.length, store.size);
    t.true(store.size > before);
    before = store.size;
    for (const [id, entry] of entries) {
      t.deepEqual(entry, entryOf(entry.count));
      t.is(id, templateId(entry));
    }
    await store.close();
  }
});

test('a disk that is full: each write fails with the reason, what was stored before is there, and the process goes on', async (t) => {
  const path = folder(t);
  const script = fileURLToPath(new URL('./full-disk.js', import.meta.url));
  // Blocks of 512 bytes: about a hundred writes.
  const child = spawn('/bin/sh', ['-c', 'ulimit -f 6000 && exec "$0" "$@"', process.execPath, script, path], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const said = text(child.stdout);
  const [status] = await once(child, 'exit');
  t.is(status, 0);
  const { failed, reason, size, read } = JSON.parse(await said) as { failed: number; reason: string; size: number; read: number };
  t.true(failed > 10 && failed < 190, `${failed}`);
  t.regex(reason, /too large/);
  t.deepEqual([size, read], [20_000 - 100 * failed, size]);
  const { store, log } = opened(path);
  t.deepEqual([store.size, log.said], [size, []]);
  await store.put(named(entryOf(100_000)));
  t.is(store.size, size + 1);
  await store.close();
});

/** Resolves when the writer has said so often that a write is done; it goes on meanwhile. */
async function until(child: ChildProcess, times: number): Promise<void> {
  let said = 0;
  for await (const chunk of child.stdout ?? []) {
    said += (chunk as Buffer).length;
    if (said >= times) return;
  }
}
