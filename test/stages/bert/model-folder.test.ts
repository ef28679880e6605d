import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { TrilogError } from '../../../src/errors.js';
import { tinyCopy, tinyModel } from './tiny.js';

function problemOf(t: ExecutionContext, spoil: (folder: string) => void): string {
  const folder = tinyCopy(t);
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
  const folder = tinyCopy(t);
  const { id, labels, minConfidence } = tinyModel(folder);
  t.regex(id, /^tiny@1#[0-9a-f]{12}$/);
  t.deepEqual([labels.length, minConfidence], [3, 0.8]);
  writeFileSync(join(folder, 'model.onnx'), 'another');
  t.not(tinyModel(folder).id, id);
});

test('what is missing or does not fit is told, with the file', (t) => {
  t.regex(
    problemOf(t, (folder) => rmSync(join(folder, 'model.onnx'))),
    /model\.onnx: ENOENT/,
  );
  t.regex(
    problemOf(t, (folder) => writeFileSync(join(folder, 'tokenizer.json'), '{')),
    /tokenizer\.json: it is no JSON/,
  );
  t.regex(
    problemOf(
      t,
      about((model) => delete model['labels']),
    ),
    /model\.json: labels/,
  );
  t.regex(
    problemOf(
      t,
      about((model) => Object.assign(model, { labels: ['instance.failure', 'nova.weather'] })),
    ),
    /"nova\.weather" is not a label/,
  );
  t.regex(
    problemOf(
      t,
      about((model) => Object.assign(model, { labels: ['other', 'other'] })),
    ),
    /"other" stands twice/,
  );
  t.regex(
    problemOf(
      t,
      about((model) => Object.assign(model, { temperature: 0 })),
    ),
    /temperature/,
  );
  t.regex(
    problemOf(
      t,
      about((model) => Object.assign(model, { per_label_min_confidence: { other: 0.5 } })),
    ),
    /"other" is not a label of the model/,
  );
});

/** Puts a layer of two labels over three pooled numbers and three logits into the folder. */
function withHead(bytes = 4 * 2 * 7): (folder: string) => void {
  return (folder) => {
    about((model) => Object.assign(model, { labels: ['auth.failure', 'other'], head: { pooled: 3, logits: 3 } }))(folder);
    writeFileSync(join(folder, 'head.bin'), Buffer.alloc(bytes));
  };
}

test('a layer on top is read, and is part of the id', (t) => {
  const folder = tinyCopy(t);
  const { id: without, head: none } = tinyModel(folder);
  withHead()(folder);
  const { id, head, labels } = tinyModel(folder);
  t.is(none, null);
  t.like(head, { labels: 2, pooled: 3, logits: 3, weights: new Float32Array(14) });
  t.deepEqual(labels, ['auth.failure', 'other']);
  t.not(id, without);
  const bytes = Buffer.alloc(4 * 2 * 7);
  bytes.writeFloatLE(1);
  writeFileSync(join(folder, 'head.bin'), bytes);
  t.not(tinyModel(folder).id, id);
});

test('a layer that does not fit what model.json says is told', (t) => {
  t.regex(problemOf(t, withHead(55)), /head\.bin: it has 55 bytes, and 2 labels over 3 \+ 3 numbers take 56/);
  t.regex(
    problemOf(t, (folder) => writeFileSync(join(folder, 'head.bin'), '')),
    /head\.bin: model\.json has no `head`/,
  );
  t.regex(
    problemOf(
      t,
      about((model) => Object.assign(model, { head: { pooled: 3, logits: 3 } })),
    ),
    /head\.bin: ENOENT/,
  );
  t.regex(
    problemOf(
      t,
      about((model) => Object.assign(model, { head: { pooled: 0 } })),
    ),
    /head\.pooled[\s\S]*head\.logits/,
  );
});
