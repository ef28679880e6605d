import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { bertConfig } from '../../../src/config/load.js';
import { bertSchema } from '../../../src/config/schema.js';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { readModelFolder } from '../../../src/stages/bert/model-folder.js';
import { BertStage } from '../../../src/stages/bert/stage.js';
import { SHIPPED_VECTORS } from '../../../src/stages/llm/build.js';
import { NearestExamples } from '../../../src/stages/llm/examples.js';
import { encodeVectors, Vectors } from '../../../src/stages/llm/vectors.js';
import { labelledExamples } from '../../../src/stages/rules/labelled-examples.js';
import { loadRules, packFile } from '../../../src/stages/rules/load.js';
import { loadTaxonomy } from '../../../src/stages/taxonomy.js';
import { LogKept } from '../bert/tiny.js';

const TAXONOMY = loadTaxonomy();
const SITE = loadRules([join(PACKAGE_ROOT, 'examples', 'rules', 'site.yaml')], TAXONOMY);

/** An encoder that counts letters. */
async function letters(text: string): Promise<Float32Array> {
  const vector = new Float32Array(26);
  for (const [letter] of text.matchAll(/[a-z]/g)) vector[letter.charCodeAt(0) - 97] = (vector[letter.charCodeAt(0) - 97] ?? 0) + 1;
  return vector;
}

test('the nearest examples come first, with the label of their rule, and only what may leave of them', async (t) => {
  const examples = new NearestExamples(SITE, { embed: letters, known: () => null }, ({ template }) => template.toUpperCase());
  const [nearest, ...others] = await examples.near('export of project failed no route to host', 2);
  t.deepEqual(nearest, { label: 'telemetry.processing', text: 'EXPORT OF PROJECT <NUM> FAILED: NO ROUTE TO HOST' });
  t.is(others.length, 1);
  t.deepEqual(await examples.near('export', 0), []);
});

test('without an encoder there are none', async (t) => {
  const examples = new NearestExamples(SITE, { embed: async () => null, known: () => null }, () => '');
  t.deepEqual(await examples.near('export', 3), []);
});

test('what the encoder has read before is not read again', async (t) => {
  const read: string[] = [];
  const embed = (text: string): Promise<Float32Array> => {
    read.push(text);
    return letters(text);
  };
  const [first] = labelledExamples(SITE);
  const vector = await letters(first?.text ?? '');
  const examples = new NearestExamples(
    SITE,
    { embed, known: (text) => (text === first?.text ? vector : null) },
    ({ template }) => template,
  );
  await examples.near('export', 1);
  await examples.near('import', 1);
  t.false(read.includes(first?.text ?? ''));
  t.is(new Set(read).size, read.length);
});

test('vectors come back from their file in the same direction', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-vectors-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'x.bin');
  const given = new Map([
    ['a', Float32Array.of(3, 0, -4)],
    ['b', Float32Array.of(0, 0, 0)],
  ]);
  writeFileSync(file, encodeVectors('m@1/48', given));
  const vectors = Vectors.load(file);
  t.deepEqual([vectors.model, vectors.size, vectors.get('c')], ['m@1/48', 2, null]);
  const [x = 0, y = 0, z = 0] = vectors.get('a') ?? [];
  t.true(Math.abs(x - 0.6) < 0.01 && y === 0 && Math.abs(z + 0.8) < 0.01);
  writeFileSync(file, 'something else\n');
  t.throws(() => Vectors.load(file), { message: /no file of vectors/ });
});

test('the shipped vectors are of the shipped model and of every example of the shipped rules: node dist/models/llm/examples.js makes them anew', (t) => {
  const vectors = Vectors.load(SHIPPED_VECTORS);
  const config = bertConfig(bertSchema.parse({}));
  if (config === null) throw new Error('no model');
  t.is(vectors.model, new BertStage(readModelFolder(config.path, TAXONOMY), config, new LogKept()).id);
  const missing = labelledExamples(loadRules([packFile('openstack')], TAXONOMY)).filter(({ text }) => vectors.get(text) === null);
  t.deepEqual(
    missing.map(({ text }) => text),
    [],
  );
});
