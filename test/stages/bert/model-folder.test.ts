import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { TrilogError } from '../../../src/errors.js';
import { tinyCopy, tinyModel } from './tiny.js';

function problemOf(spoil: (folder: string) => void): string {
  const folder = tinyCopy();
  spoil(folder);
  try {
    tinyModel(folder);
  } catch (error) {
    if (error instanceof TrilogError && error.code === 'MODEL_INVALID') return error.message;
    throw error;
  }
  return 'no problem';
}

function about(change: (model: Record<string, unknown>) => void): (folder: string) => void {
  return (folder) => {
    const file = join(folder, 'model.json');
    const model = JSON.parse(readFileSync(file, 'utf8'));
    change(model);
    writeFileSync(file, JSON.stringify(model));
  };
}

test('a whole folder is read, with an id that changes with its content', (t) => {
  const folder = tinyCopy();
  const { id, labels, minConfidence } = tinyModel(folder);
  t.regex(id, /^tiny@1#[0-9a-f]{12}$/);
  t.deepEqual([labels.length, minConfidence], [3, 0.8]);
  writeFileSync(join(folder, 'model.onnx'), 'another');
  t.not(tinyModel(folder).id, id);
});

test('what is missing or does not fit is told, with the file', (t) => {
  t.regex(
    problemOf((folder) => rmSync(join(folder, 'model.onnx'))),
    /model\.onnx: ENOENT/,
  );
  t.regex(
    problemOf((folder) => writeFileSync(join(folder, 'tokenizer.json'), '{')),
    /tokenizer\.json: it is no JSON/,
  );
  t.regex(problemOf(about((model) => delete model['labels'])), /model\.json: labels/);
  t.regex(
    problemOf(about((model) => Object.assign(model, { labels: ['instance.failure', 'nova.weather'] }))),
    /"nova\.weather" is not a label/,
  );
  t.regex(problemOf(about((model) => Object.assign(model, { labels: ['other', 'other'] }))), /"other" stands twice/);
  t.regex(problemOf(about((model) => Object.assign(model, { temperature: 0 }))), /temperature/);
  t.regex(
    problemOf(about((model) => Object.assign(model, { per_label_min_confidence: { other: 0.5 } }))),
    /"other" is not a label of the model/,
  );
});
