import { appendFile, rename, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { bytesBehind } from '../../../../plugins/inputs/file/lag.js';
import { numbered, Place } from './reading.js';

const all = { read_from: 'beginning' };

test('behind is what is in the files and not stored: given out or not', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), numbered(0, 10));
  const reading = place.read(all, 1);
  await reading.until(10);
  t.is(reading.behind, numbered(0, 10).length, 'the block is out, and not settled');
  await appendFile(place.log('a.log'), numbered(10, 12));
  await reading.until(12);
  t.is(reading.behind, numbered(10, 12).length, 'the one before it is settled');
  await reading.stop();
});

test('what is appended while nothing is read counts at once, also in a file that lost its name', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), numbered(0, 10));
  const reading = place.read({ ...all, poll_interval_ms: 3_600_000, discover_interval_ms: 3_600_000 });
  await reading.until(10);
  await reading.when(() => reading.behind === 0);
  await appendFile(place.log('a.log'), 'half');
  t.is(reading.behind, 4);
  await rename(place.log('a.log'), place.log('a.log.1'));
  await appendFile(place.log('a.log.1'), ' and half');
  t.is(reading.behind, 13);
  await reading.stop();
});

test('a file read to its end and stored is behind by nothing', async (t) => {
  const place = await Place.make(t);
  await writeFile(place.log('a.log'), 'one\ntwo');
  await writeFile(place.log('b.log.gz'), gzipSync('three\n'));
  const reading = place.read({ ...all, include: [place.log('*')], follow: false });
  await reading.done;
  t.is(reading.taken.length, 3);
  t.is(reading.behind, 0);
  await reading.stop();
});

const live = { state: 'live' as const, content: null, size: -1, looked: 0 };
const entry = (dev: number, ino: number) => ({ id: 'a', dev, ino, read: 30, offset: 10 }) as never;

test('where the size cannot be told, what was read counts', (t) => {
  const of = (file: object | null): number =>
    bytesBehind(
      [{ id: 'a', read: 30, offset: 10 }],
      new Map(file === null ? [] : [['a', { ...live, entry: entry(0, 0), ...file } as never]]),
    );
  t.is(of(null), 20, 'it is not read any more');
  t.is(of({ path: '/nowhere/a.log' }), 20, 'it has no name');
  t.is(of({ path: import.meta.filename }), 20, 'the name leads to another file');
  t.is(of({ path: '/nowhere/a.log.gz', looked: 40, size: 5 }), 30, 'it is compressed');
  t.is(of({ path: '/nowhere/a.log', state: 'detached', size: 50 }), 40, 'its size is that of the last look');
  const refusing = {
    stat: () => {
      throw new Error('ESTALE');
    },
  };
  t.is(of({ path: '/nowhere/a.log', content: refusing, looked: 35 }), 25, 'the file system refuses');
});
