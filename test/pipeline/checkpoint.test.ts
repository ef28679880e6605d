import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { z } from 'zod';
import { TrilogError } from '../../src/errors.js';
import { CheckpointFile } from '../../src/pipeline/checkpoint.js';

const schema = z.object({ n: z.number(), text: z.string().optional() });

async function folder(t: { teardown(fn: () => Promise<void>): void }): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'trilog-checkpoint-'));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

test('what was saved is loaded again by the next process', async (t) => {
  const path = join(await folder(t), 'positions.json');
  await new CheckpointFile(path, schema.parse).save({ n: 7, text: 'ü\u2028"' });
  t.deepEqual(await new CheckpointFile(path, schema.parse).load(), { n: 7, text: 'ü\u2028"' });
});

test('a checkpoint that was never saved is undefined', async (t) => {
  t.is(await new CheckpointFile(join(await folder(t), 'none.json'), schema.parse).load(), undefined);
});

test('saves that wait for a running one are written as one, the last', async (t) => {
  const path = join(await folder(t), 'c.json');
  const file = new CheckpointFile(path, schema.parse);
  await Promise.all(Array.from({ length: 50 }, (_, n) => file.save({ n })));
  t.deepEqual(await file.load(), { n: 49 });
  t.deepEqual(await readdir(join(path, '..')), ['c.json'], 'no temporary file stays');
});

test('a value is taken as it is when save is called', async (t) => {
  const file = new CheckpointFile(join(await folder(t), 'c.json'), schema.parse);
  const value = { n: 1 };
  const saving = file.save(value);
  value.n = 2;
  await saving;
  t.deepEqual(await file.load(), { n: 1 });
});

test('a failed save is told and leaves the file usable', async (t) => {
  const dir = await folder(t);
  const path = join(dir, 'sub', 'c.json');
  const file = new CheckpointFile(path, schema.parse);
  await t.throwsAsync(file.save({ n: 1 }), { code: 'ENOENT' });
  await (await import('node:fs/promises')).mkdir(join(dir, 'sub'));
  await file.save({ n: 2 });
  t.deepEqual(await file.load(), { n: 2 });
});

for (const [what, damage] of [
  ['cut off', (text: string) => text.slice(0, -5)],
  ['changed', (text: string) => text.replace('"n":7', '"n":8')],
  ['of another version', (text: string) => text.replace('"version":1', '"version":9')],
  ['empty', () => ''],
  ['something else', () => '[1]'],
] as const) {
  test(`a checkpoint that is ${what} is refused`, async (t) => {
    const path = join(await folder(t), 'c.json');
    const file = new CheckpointFile(path, schema.parse);
    await file.save({ n: 7 });
    await writeFile(path, damage(await readFile(path, 'utf8')));
    const error = await t.throwsAsync(file.load(), { instanceOf: TrilogError, code: 'CHECKPOINT_UNREADABLE' });
    t.true(error.message.includes(path));
  });
}

test('a checkpoint of another shape is refused', async (t) => {
  const path = join(await folder(t), 'c.json');
  await new CheckpointFile(path, z.unknown().parse).save(['x']);
  await t.throwsAsync(new CheckpointFile(path, schema.parse).load(), { code: 'CHECKPOINT_UNREADABLE' });
});
