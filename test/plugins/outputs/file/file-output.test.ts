import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { fileOutputConfig } from '../../../../plugins/outputs/file/config.js';
import { FileOutput } from '../../../../plugins/outputs/file/file-output.js';
import { plugin } from '../../../../plugins/outputs/file/index.js';
import { isDue, shifts } from '../../../../plugins/outputs/file/rotation.js';
import { record } from '../../../record/sample.js';
import { context } from '../../context.js';

function output(keys: Record<string, unknown> = {}, now?: () => number) {
  const path = join(mkdtempSync(join(tmpdir(), 'trilog-out-')), 'folder', 'records.ndjson');
  const config = fileOutputConfig.parse({ path, ...keys });
  return { path, output: new FileOutput(config, context(), now) };
}

function messages(path: string): string[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).message);
}

test('records are appended as lines, after what is there', async (t) => {
  const { path, output: first } = output();
  await first.open();
  t.deepEqual(await first.write([first.encode([record('a'), record('b')])]), []);
  await first.close();
  const second = new FileOutput(fileOutputConfig.parse({ path }), context());
  await second.open();
  await second.write([second.encode([record('c')])]);
  await second.close();
  t.deepEqual(messages(path), ['a', 'b', 'c']);
});

test('a relative path begins at the configuration file', async (t) => {
  const configDir = mkdtempSync(join(tmpdir(), 'trilog-out-'));
  const file = plugin.create(fileOutputConfig.parse({ path: 'out/records.ndjson' }), context({ configDir }));
  await file.open();
  await file.write([file.encode([record('a')])], new AbortController().signal);
  await file.close();
  t.deepEqual(messages(join(configDir, 'out', 'records.ndjson')), ['a']);
});

test('an age that no date can say is refused', (t) => {
  const hours = (rotate_hours: number) => fileOutputConfig.safeParse({ path: 'x', rotate_hours }).success;
  t.deepEqual([0.5, 876_600, 876_601, Number.MAX_VALUE].map(hours), [true, true, false, false]);
});

test('a last line that a crash tore is cut off before anything is appended', async (t) => {
  const { path, output: first } = output();
  await first.open();
  await first.write([first.encode([record('whole')])]);
  await first.close();
  appendFileSync(path, '{"message":"to');
  const second = new FileOutput(fileOutputConfig.parse({ path }), context());
  await second.open();
  await second.write([second.encode([record('next')])]);
  await second.close();
  t.deepEqual(messages(path), ['whole', 'next']);
});

test('the file is rotated by size, and so many are kept', async (t) => {
  const { path, output: file } = output({ rotate_bytes: 4096, keep_files: 2 });
  await file.open();
  for (let i = 0; i < 4; i++) await file.write([file.encode([record(`${i} ${'x'.repeat(5000)}`)])]);
  await file.close();
  t.deepEqual(readdirSync(join(path, '..')).sort(), ['records.ndjson', 'records.ndjson.1', 'records.ndjson.2']);
  t.deepEqual(
    [path, `${path}.1`, `${path}.2`].map((name) => messages(name)[0]?.[0]),
    ['3', '2', '1'],
  );
});

test('a file that somebody else moved away is opened anew', async (t) => {
  let now = 0;
  const { path, output: file } = output({}, () => now);
  await file.open();
  await file.write([file.encode([record('a')])]);
  renameSync(path, `${path}.old`);
  now += 5000;
  await file.write([file.encode([record('b')])]);
  await file.close();
  t.deepEqual(messages(`${path}.old`), ['a']);
  t.deepEqual(messages(path), ['b']);
});

test('a torn last line that is too long to be cut off becomes a line of its own', async (t) => {
  const { path, output: file } = output();
  await file.open();
  writeFileSync(path, `{"message":"whole"}\n${'x'.repeat(5_000_000)}`);
  await file.write([file.encode([record('next')])]);
  await file.close();
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  t.deepEqual(
    lines.map((line) => line.length > 4_999_999 || JSON.parse(line).message),
    ['whole', true, 'next'],
  );
});

for (const format of ['ndjson', 'csv']) {
  test(`opening and closing changes nothing in a file that another agent is writing: ${format}`, async (t) => {
    const { path, output: file } = output({ format });
    await file.open();
    writeFileSync(path, 'half a li');
    await file.close();
    await file.open();
    await file.close();
    t.is(readFileSync(path, 'utf8'), 'half a li');
    t.deepEqual(readdirSync(join(path, '..')), ['records.ndjson']);
  });
}

/** Writes `a`, has `harm` change the file, and writes `b` with a new start. */
async function csvAround(harm: (path: string) => void): Promise<string> {
  const { path, output: first } = output({ format: 'csv' });
  await first.open();
  await first.write([first.encode([record('a\n"b"')])]);
  await first.close();
  harm(path);
  const second = new FileOutput(fileOutputConfig.parse({ path, format: 'csv' }), context());
  await second.open();
  await second.write([second.encode([record('b')])]);
  await second.close();
  return path;
}

test('CSV has one header a file, also over an orderly restart', async (t) => {
  const path = await csvAround(() => {});
  const text = readFileSync(path, 'utf8');
  t.false(existsSync(`${path}.1`));
  t.true(text.startsWith('id,timestamp,'));
  t.is(text.split('id,timestamp,').length, 2);
  t.is(text.split('\n').length, 5);
});

for (const [what, harm] of [
  ['a torn last row', (path: string) => appendFileSync(path, '1,2,')],
  ['a row torn after a newline within quotes', (path: string) => appendFileSync(path, '1,"a ""b""\n')],
  ['other columns', (path: string) => writeFileSync(path, 'x,y\n1,2\n')],
] as const) {
  test(`CSV begins a new file after ${what}`, async (t) => {
    const path = await csvAround(harm);
    t.true(existsSync(`${path}.1`));
    t.is(readFileSync(path, 'utf8').split('\n').length, 3);
    t.true(readFileSync(path, 'utf8').startsWith('id,timestamp,'));
  });
}

test('a full disk throws, so that the write is tried again, and leaves no torn line', async (t) => {
  const file = new FileOutput(fileOutputConfig.parse({ path: '/dev/full' }), context());
  await file.open();
  await t.throwsAsync(file.write([file.encode([record('a')])]), { code: 'ENOSPC' });
  await file.close();
  t.true(existsSync('/dev/full'));
});

test('a file is due by size or age, an empty one never', (t) => {
  const limits = { rotate_bytes: 100, rotate_hours: 2 };
  t.true(isDue({ bytes: 100, since: 0 }, limits, 0));
  t.false(isDue({ bytes: 99, since: 0 }, limits, 7_199_999));
  t.true(isDue({ bytes: 1, since: 0 }, limits, 7_200_000));
  t.false(isDue({ bytes: 0, since: 0 }, limits, 7_200_000));
  t.false(isDue({ bytes: 1000, since: 0 }, { rotate_bytes: 0, rotate_hours: 0 }, 7_200_000));
});

test('files move up one by one, the oldest falls out', (t) => {
  t.deepEqual(shifts('f', 3), {
    remove: 'f.3',
    renames: [
      ['f.2', 'f.3'],
      ['f.1', 'f.2'],
      ['f', 'f.1'],
    ],
  });
  t.deepEqual(shifts('f', 0), { remove: 'f', renames: [] });
});
