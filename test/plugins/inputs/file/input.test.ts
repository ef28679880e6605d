import { appendFile, copyFile, mkdir, open, readFile, rename, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { line, lines, numbered, Place } from './reading.js';

const all = { read_from: 'beginning' };

test('reads a file to its end and finishes without follow, an unended last line included', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('nova-api.log'), 'one\r\ntwo\n\nthr\u00e9\u0000e');
  const reading = place.read({ ...all, follow: false, host: 'h', timezone: 'Europe/Berlin' });
  await reading.done;
  t.deepEqual(
    reading.taken.map(({ text, offset }) => [text, offset]),
    [
      ['one', 0],
      ['two', 5],
      ['', 9],
      ['thr\u00e9\u0000e', 10],
    ],
  );
  t.true(reading.blocks.at(-1)?.last);
  const source = reading.taken[0]?.source;
  t.like(source, {
    input: 'files',
    name: place.log('nova-api.log'),
    program: 'nova-api',
    host: 'h',
    timezone: 'Europe/Berlin',
    format: 'auto',
  });
  t.regex(source?.id ?? '', /^[0-9a-f]{24}$/);
  await reading.stop();
});

test('by default what is there at the first start is skipped, but for a line that is being written; what comes later is read whole', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), 'old\nhalf');
  const reading = place.read();
  await reading.knows(1);
  await appendFile(place.log('a.log'), ' done\nnew\n');
  await reading.until(2);
  await writeFile(place.log('b.log'), 'b1\nb2\nb3 is not y');
  await reading.until(4);
  await appendFile(place.log('b.log'), 'et whole\n');
  await reading.until(5);
  t.deepEqual(reading.lines.toSorted(), ['b1', 'b2', 'b3 is not yet whole', 'half done', 'new']);
  await reading.stop();
});

test('excludes by file name and takes each file once, whatever its names', async (t) => {
  const place = await Place.make(t);
  await mkdir(place.log('sub'));
  await writeFile(place.log('a.log'), 'a\n');
  await writeFile(place.log('x-access.log'), 'no\n');
  await symlink(place.log('a.log'), place.log('link.log'));
  const reading = place.read({ ...all, follow: false, exclude: ['*-access.log'], include: [place.log('**/*.log'), place.log('a.log')] });
  await reading.done;
  t.deepEqual(reading.lines, ['a']);
  await reading.stop();
});

test('a restart goes on where records were settled, with the same ids and offsets', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), numbered(0, 10));
  const first = place.read(all);
  await first.until(10);
  await first.stop();
  await appendFile(place.log('a.log'), numbered(10, 12));
  const second = place.read(all, 99);
  await second.until(2);
  await second.stop();
  const third = place.read(all);
  await third.until(2);
  await third.stop();
  t.deepEqual(second.lines, lines(10, 12));
  t.deepEqual(
    third.taken.map((taken) => [taken.text, taken.offset, taken.source.id]),
    second.taken.map((taken) => [taken.text, taken.offset, first.taken[0]?.source.id]),
  );
});

test('after kill -9 with nothing settled the same lines come with the same ids', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), numbered(0, 5));
  const first = place.read({ ...all, checkpoint_interval_ms: 1_000_000 }, 99);
  await first.until(5);
  await first.kill();
  const second = place.read(all);
  await second.until(5);
  await second.stop();
  t.deepEqual(
    second.taken.map((taken) => taken.source.id),
    first.taken.map((taken) => taken.source.id),
  );
});

test('renamed: the rest of the old file comes, also what is written to it late, and the new file is another source', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), numbered(0, 5));
  const reading = place.read({ ...all, rotate_wait_ms: 60_000 });
  await reading.until(5);
  await appendFile(place.log('a.log'), numbered(5, 8));
  await rename(place.log('a.log'), place.log('a.log.1'));
  await writeFile(place.log('a.log'), numbered(8, 10));
  await reading.until(10);
  t.deepEqual(reading.lines, lines(0, 10));
  await appendFile(place.log('a.log.1'), 'late\n');
  await reading.until(11);
  t.is(reading.taken[10]?.source.id, reading.taken[0]?.source.id);
  t.not(reading.taken[9]?.source.id, reading.taken[0]?.source.id);
  t.is(reading.taken[9]?.source.name, place.log('a.log'));
  await reading.stop();
});

test('rotated several times between two looks: nothing is missed', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), numbered(0, 5));
  const reading = place.read({ ...all, poll_interval_ms: 200, discover_interval_ms: 200 });
  await reading.until(5);
  for (let n = 5; n < 20; n += 5) {
    for (let i = 4; i > 0; i -= 1) await rename(place.log(`a.log.${i}`), place.log(`a.log.${i + 1}`)).catch(() => undefined);
    await rename(place.log('a.log'), place.log('a.log.1'));
    await writeFile(place.log('a.log'), numbered(n, n + 5));
  }
  await reading.until(20);
  t.deepEqual(reading.lines, lines(0, 20));
  await reading.stop();
});

test('an old rotated file that was there before is not read', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log.1'), 'ancient\n');
  await utimes(place.log('a.log.1'), 1_700_000_000, 1_700_000_000);
  await writeFile(place.log('a.log'), 'a\n');
  const reading = place.read(all);
  await reading.until(1);
  await rename(place.log('a.log.1'), place.log('a.log.2'));
  await rename(place.log('a.log'), place.log('a.log.1'));
  await writeFile(place.log('a.log'), 'b\n');
  await reading.until(2);
  await reading.when(() => reading.blocks.some((block) => block.last));
  t.deepEqual(reading.lines, ['a', 'b']);
  await reading.stop();
});

test('copied and truncated: what was not read yet comes from the copy, under the old id, then the new content', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), numbered(0, 5));
  const reading = place.read({ ...all, poll_interval_ms: 100 });
  await reading.until(5);
  await appendFile(place.log('a.log'), numbered(5, 8));
  await copyFile(place.log('a.log'), place.log('a.log.1'));
  await truncate(place.log('a.log'));
  await appendFile(place.log('a.log'), numbered(8, 30));
  await reading.until(30);
  t.deepEqual(reading.lines, lines(0, 30));
  t.is(reading.taken[7]?.source.id, reading.taken[0]?.source.id);
  t.is(reading.taken[7]?.offset, numbered(0, 7).length);
  t.not(reading.taken[8]?.source.id, reading.taken[0]?.source.id);
  t.is(reading.taken[8]?.offset, 0);
  await reading.stop();
});

test('a selected copy is not read twice, a selected rotated file neither', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), numbered(0, 5));
  const keys = { ...all, include: [place.log('*.log*')] };
  const reading = place.read(keys);
  await reading.until(5);
  await copyFile(place.log('a.log'), place.log('a.log.1'));
  await truncate(place.log('a.log'));
  await appendFile(place.log('a.log'), numbered(5, 7));
  await reading.until(7);
  await rename(place.log('a.log.1'), place.log('a.log.2'));
  await rename(place.log('a.log'), place.log('a.log.1'));
  await writeFile(place.log('a.log.2.gz'), gzipSync(await readFile(place.log('a.log.2'))));
  await rm(place.log('a.log.2'));
  await writeFile(place.log('a.log'), numbered(7, 9));
  await reading.until(9);
  await reading.when(() => reading.blocks.filter((block) => block.last).length === 2);
  await reading.stop();
  const again = place.read(keys);
  await appendFile(place.log('a.log'), numbered(9, 10));
  await again.until(1);
  await again.stop();
  t.deepEqual(reading.lines, lines(0, 9));
  t.deepEqual(again.lines, lines(9, 10));
});

test('filled and copied away between two looks at an empty file: it comes from the copy, before what came later', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), '');
  const reading = place.read({ ...all, poll_interval_ms: 200, discover_interval_ms: 200 });
  await reading.knows(1);
  await appendFile(place.log('a.log'), numbered(0, 5));
  await copyFile(place.log('a.log'), place.log('a.log.1'));
  await truncate(place.log('a.log'));
  await appendFile(place.log('a.log'), numbered(5, 10));
  await reading.until(10);
  t.deepEqual(reading.lines, lines(0, 10));
  await reading.stop();
});

test('a selected copy that is found before the truncation is noticed: its rest comes before the new content', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), numbered(0, 5));
  const reading = place.read({ ...all, include: [place.log('*.log*')], poll_interval_ms: 500 });
  await reading.until(5);
  await appendFile(place.log('a.log'), numbered(5, 8));
  await copyFile(place.log('a.log'), place.log('new'));
  await rename(place.log('new'), place.log('a.log.1'));
  await truncate(place.log('a.log'));
  await appendFile(place.log('a.log'), numbered(8, 10));
  await reading.until(10);
  t.deepEqual(reading.lines, lines(0, 10));
  t.is(reading.taken[7]?.source.id, reading.taken[0]?.source.id);
  await reading.stop();
});

test('first seen empty, killed after its first lines, copied and truncated: the copy has the same id', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), '');
  await writeFile(place.log('b.log'), 'b\n');
  const before = place.read({ ...all, checkpoint_interval_ms: 1_000_000 }, 99);
  // Then both are known, and what is known of them was saved.
  await before.until(1);
  await appendFile(place.log('a.log'), numbered(0, 5));
  await before.until(6);
  await before.kill();
  await copyFile(place.log('a.log'), place.log('a.log.1'));
  await truncate(place.log('a.log'));
  await appendFile(place.log('a.log'), numbered(5, 7));
  const after = place.read(all);
  await after.until(8);
  await after.stop();
  const ofA = (reading: typeof after) => reading.taken.filter(({ text }) => text !== 'b');
  t.deepEqual(
    ofA(after).map(({ text }) => text),
    lines(0, 7),
  );
  t.is(ofA(after)[0]?.source.id, ofA(before)[0]?.source.id);
});

test('truncated without a copy: reads on with what is written then', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), numbered(0, 5));
  const reading = place.read(all);
  await reading.until(5);
  await truncate(place.log('a.log'));
  await reading.when(() => reading.counts.get('contents_gone') === 1);
  await appendFile(place.log('a.log'), 'new\n');
  await reading.until(6);
  t.deepEqual(reading.lines, [...lines(0, 5), 'new']);
  await reading.stop();
});

test('rewritten to more than before, with the same inode: noticed by its first bytes', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), numbered(0, 5));
  const reading = place.read({ ...all, poll_interval_ms: 50 });
  await reading.until(5);
  await writeFile(place.log('a.log'), numbered(100, 150));
  await reading.until(55);
  t.deepEqual(reading.lines, [...lines(0, 5), ...lines(100, 150)]);
  await reading.stop();
});

for (const [what, pack] of [
  ['plain', false],
  ['compressed', true],
] as const) {
  test(`rotated three times while the agent was down, ${what}: everything comes, in order, the rest under the old id`, async (t) => {
    const place = await Place.make(t);
    await writeFile(place.log('a.log'), numbered(0, 5));
    const before = place.read(all);
    await before.until(5);
    await before.stop();
    await appendFile(place.log('a.log'), numbered(5, 10));
    for (let n = 10; n < 25; n += 5) {
      for (let i = 4; i > 1; i -= 1)
        for (const end of ['', '.gz'])
          await rename(place.log(`a.log.${i}${end}`), place.log(`a.log.${i + 1}${end}`)).catch(() => undefined);
      const old = await readFile(place.log('a.log.1')).catch(() => null);
      if (old !== null && pack) {
        const { atime, mtime } = await stat(place.log('a.log.1'));
        await writeFile(place.log('a.log.2.gz'), gzipSync(old));
        await utimes(place.log('a.log.2.gz'), atime, mtime);
        await rm(place.log('a.log.1'));
      } else if (old !== null) await rename(place.log('a.log.1'), place.log('a.log.2'));
      await rename(place.log('a.log'), place.log('a.log.1'));
      await writeFile(place.log('a.log'), numbered(n, n + 5));
    }
    const after = place.read();
    await after.until(20);
    await after.when(() => after.blocks.filter((block) => block.last).length >= 3);
    await after.stop();
    t.deepEqual(after.lines, lines(5, 25));
    t.is(after.taken[0]?.source.id, before.taken[0]?.source.id);
    t.is(after.taken[0]?.offset, numbered(0, 5).length);
  });
}

test('copied and truncated while the agent was down: goes on in the copy', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), numbered(0, 5));
  const before = place.read(all);
  await before.until(5);
  await before.stop();
  await appendFile(place.log('a.log'), numbered(5, 10));
  await copyFile(place.log('a.log'), place.log('a.log.1'));
  await truncate(place.log('a.log'));
  await appendFile(place.log('a.log'), numbered(10, 12));
  const after = place.read();
  await after.until(7);
  await after.stop();
  t.deepEqual(after.lines, lines(5, 12));
  t.is(after.taken[0]?.source.id, before.taken[0]?.source.id);
});

test('deleted while open: drained, an unended line included, and recreated: another source', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), numbered(0, 5));
  const reading = place.read({ ...all, poll_interval_ms: 30 });
  await reading.until(5);
  await appendFile(place.log('a.log'), `${numbered(5, 7)}half`);
  await rm(place.log('a.log'));
  await reading.until(8);
  await writeFile(place.log('a.log'), numbered(8, 9));
  await reading.until(9);
  t.deepEqual(reading.lines, [...lines(0, 7), 'half', line(8)]);
  t.not(reading.taken[8]?.source.id, reading.taken[0]?.source.id);
  await reading.stop();
});

test('an empty file gets its lines when they come, also after a restart', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), '');
  const first = place.read();
  await first.knows(1);
  await first.stop();
  await appendFile(place.log('a.log'), 'one\n');
  const second = place.read();
  await second.until(1);
  await second.stop();
  t.deepEqual(second.lines, ['one']);
});

test('files that begin with the same line are told apart, over a rotation too', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), 'start\n');
  const reading = place.read(all);
  await reading.until(1);
  await rename(place.log('a.log'), place.log('a.log.1'));
  await writeFile(place.log('a.log'), 'start\n');
  await writeFile(place.log('b.log'), 'start\n');
  await reading.until(3);
  await appendFile(place.log('a.log'), 'two\n');
  await reading.until(4);
  t.deepEqual(reading.lines, ['start', 'start', 'start', 'two']);
  await reading.stop();
});

test('many files with few descriptors: each gets its turn', async (t) => {
  const place = await Place.make(t);
  for (let i = 0; i < 20; i += 1) await writeFile(place.log(`f${i}.log`), `${i}-0\n`);
  const reading = place.read({ ...all, max_open_files: 3, close_after_idle_s: 0 });
  await reading.until(20);
  for (let i = 0; i < 20; i += 1) await appendFile(place.log(`f${i}.log`), `${i}-1\n`);
  await reading.until(40);
  for (let i = 0; i < 20; i += 1) {
    await appendFile(place.log(`f${i}.log`), `${i}-2\n`);
    await rename(place.log(`f${i}.log`), place.log(`f${i}.log.1`));
  }
  await reading.until(60);
  t.is(new Set(reading.lines).size, 60);
  await reading.stop();
});

test('a line that is too long is cut and marked, and the next one is whole', async (t) => {
  const place = await Place.make(t);
  const long = 'x'.repeat(9_999);
  await writeFile(place.log('a.log'), `a\n${long}\nb\n${long}\r\n${'é'.repeat(3_000)}\nc\n${long}`);
  for (const read_block_bytes of [1_024, 262_144]) {
    const reading = (await Place.make(t)).read({
      ...all,
      include: [place.log('*.log')],
      follow: false,
      max_line_bytes: 2_001,
      read_block_bytes,
    });
    await reading.done;
    await reading.stop();
    const cut = 'x'.repeat(2_001);
    t.deepEqual(reading.lines, ['a', cut, 'b', cut, 'é'.repeat(1_000), 'c', cut]);
    t.deepEqual(
      reading.taken.map((taken) => taken.cut),
      [false, true, false, true, true, false, true],
    );
    t.deepEqual(
      reading.taken.map((taken) => taken.offset),
      [0, 2, 10_002, 10_004, 20_005, 26_006, 26_008],
    );
    t.is(reading.counts.get('lines_cut'), 4);
  }
});

test('a long line that grows slowly comes whole', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), '');
  const reading = place.read({ ...all, read_block_bytes: 1_024 });
  await reading.opened;
  for (let i = 0; i < 50; i += 1) {
    await appendFile(place.log('a.log'), 'y'.repeat(777));
    await new Promise((done) => setTimeout(done, 3));
  }
  await appendFile(place.log('a.log'), '\nshort\n');
  await reading.until(2);
  t.deepEqual(reading.lines, ['y'.repeat(777 * 50), 'short']);
  await reading.stop();
});

test('a file that cannot be read is counted and said once, and the others are read', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), 'a\n');
  await writeFile(place.log('broken.log.gz'), Buffer.concat([gzipSync(numbered(0, 50_000)).subarray(0, 60_000), Buffer.from('garbage')]));
  const reading = place.read({ ...all, include: [place.log('*')] });
  await reading.when(() => reading.lines.includes('a') && reading.warnings.length > 0);
  t.true((reading.counts.get('files_unreadable') ?? 0) > 0);
  await reading.stop();
});

test('nothing is read ahead of a consumer that does not ask', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), numbered(0, 1_000));
  const { plugin } = await import('../../../../plugins/inputs/file/index.js');
  const silent = () => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const config = plugin.config.parse({ include: [place.log('*.log')], ...all, read_block_bytes: 1_024 });
  const input = plugin.create(config, {
    name: 'f',
    dataDir: place.dataDir,
    configDir: place.root,
    host: 'h',
    ownFiles: () => [],
    log,
    count: silent,
  });
  await input.open();
  const blocks = input.read(new AbortController().signal)[Symbol.asyncIterator]();
  const { value } = await blocks.next();
  t.true(value.end <= 1_024);
  const rest = numbered(0, 1_000).slice(value.end).replaceAll('a', 'z');
  const file = await open(place.log('a.log'), 'r+');
  await file.write(rest, value.end);
  await file.close();
  const second = (await blocks.next()).value;
  t.deepEqual(second.lines, rest.split('\n').slice(0, second.lines.length));
  await blocks.return?.();
  await input.close();
});

for (const include of ['a.log*', 'a.log']) {
  test(`what lies there unchanged is not forgotten, only what is gone: ${include}`, async (t) => {
    const place = await Place.make(t);
    await writeFile(place.log('a.log'), numbered(0, 5));
    // A content is unseen for long after 9 milliseconds.
    const reading = place.read({ ...all, include: [place.log(include), place.log('gone*.log')], forget_after_days: 1e-7 });
    await reading.until(5);
    await rename(place.log('a.log'), place.log('a.log.1'));
    await writeFile(place.log('a.log'), numbered(5, 10));
    await reading.until(10);
    await reading.forgetsAt(place.log('gone1.log'));
    await rename(place.log('a.log.1'), place.log('a.log.2'));
    await rename(place.log('a.log'), place.log('a.log.1'));
    await writeFile(place.log('a.log'), numbered(10, 15));
    await reading.until(16);
    await reading.forgetsAt(place.log('gone2.log'));
    t.deepEqual(
      reading.lines.filter((text) => !text.includes('gone')),
      lines(0, 15),
    );
    await rm(place.log('a.log.2'));
    await rm(place.log('a.log.1'));
    await reading.forgetsAllBut(1);
    await reading.forgetsAt(place.log('gone3.log'));
    await reading.stop();
    t.is((await readFile(join(place.dataDir, 'positions.json'), 'utf8')).match(/"fingerprint"/g)?.length, 1);
  });
}

test('relative patterns, of include and of exclude with a slash, are relative to the configuration file', async (t) => {
  const place = await Place.make(t);
  await mkdir(place.log('old'));
  await writeFile(place.log('a.log'), 'a\n');
  await writeFile(place.log('b.log'), 'b\n');
  await writeFile(place.log('old/c.log'), 'c\n');
  const exclude = ['log/b.log', '**/old/*.log'];
  const reading = place.read({ ...all, follow: false, include: ['log/**/*.log'], exclude });
  await reading.done;
  t.deepEqual(reading.lines, ['a']);
  await reading.stop();
});
