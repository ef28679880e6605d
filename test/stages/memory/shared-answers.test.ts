import test from 'ava';
import type { LlmAnswer } from '../../../src/stages/memory/entry.js';
import { rowValue } from '../../../src/stages/memory/shared-answer.js';
import { SharedAnswers } from '../../../src/stages/memory/shared-answers.js';
import { TableKept, TopicKept } from './table-kept.js';

const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(32)) as [string, string, string];

async function opened(topic: TopicKept, { limit = 100, table = new TableKept(topic) } = {}) {
  const counts: Record<string, number> = {};
  const told: [string, string | null][] = [];
  const fitting = { model: 'm', labelOf: (label: string) => (label.startsWith('no.') ? null : label) };
  const answers = new SharedAnswers(table, fitting, limit, (name, by = 1) => {
    counts[name] = (counts[name] ?? 0) + by;
  });
  await answers.open((id, answer) => told.push([id, labelOf(answer)]));
  return { answers, counts, told, label: (id: string) => labelOf(answers.get(id)) };
}

function labelOf(answer: LlmAnswer | null): string | null {
  return answer?.guesses[0]?.label ?? null;
}

function said(label: string): string {
  return rowValue('m', { label, confidence: 0.9 });
}

test('an answer that one publishes all have, and only the others have learnt it', async (t) => {
  const topic = new TopicKept();
  const [one, other] = [await opened(topic), await opened(topic)];
  one.answers.publish(A, { label: 'x.y', confidence: 0.9 });
  t.deepEqual([one.label(A), other.label(A)], ['x.y', 'x.y']);
  t.deepEqual([one.counts, other.counts], [{}, { learnt: 1 }]);
  t.is((await opened(topic)).label(A), 'x.y', 'and one that comes later');
});

test('of several answers the last in the topic counts, for whoever read them when', async (t) => {
  for (const order of [
    ['x.one', 'x.two'],
    ['x.two', 'x.one'],
  ]) {
    const topic = new TopicKept();
    const before = await opened(topic);
    for (const label of order) topic.write(A, said(label));
    const after = await opened(topic);
    t.deepEqual([before.label(A), after.label(A)], [order[1] ?? null, order[1] ?? null]);
  }
});

test('where one key lies in two parts the part decides, since nobody reads them in the same order', async (t) => {
  const [first, second] = [new TopicKept(), new TopicKept()];
  first.write(A, said('x.one'), 1);
  first.write(A, said('x.nought'), 0);
  second.write(A, said('x.nought'), 0);
  second.write(A, said('x.one'), 1);
  t.deepEqual([(await opened(first)).label(A), (await opened(second)).label(A)], ['x.one', 'x.one']);
});

test('an own answer that still waits is not written over one that came meanwhile', async (t) => {
  const topic = new TopicKept();
  const table = new TableKept(topic);
  table.waiting = new Map();
  const { answers, label, counts } = await opened(topic, { table });
  answers.publish(A, { label: 'x.own', confidence: 0.9 });
  answers.publish(B, { label: 'x.own', confidence: 0.9 });
  topic.write(A, said('x.other'));
  t.deepEqual([...table.waiting.keys()], [B]);
  t.deepEqual([label(A), counts], ['x.other', { learnt: 1 }]);
});

test('a row that cannot be used takes nothing away, and does not keep an own answer from being written', async (t) => {
  const topic = new TopicKept();
  const table = new TableKept(topic);
  table.waiting = new Map();
  const { answers, label, counts } = await opened(topic, { table });
  topic.write(A, said('x.right'));
  topic.write(A, 'rubbish');
  topic.write(A, said('no.such'));
  topic.write('key', said('x.right'));
  answers.publish(B, { label: 'x.own', confidence: 0.9 });
  topic.write(B, rowValue('another model', { label: 'x.other', confidence: 0.9 }));
  t.deepEqual([...table.waiting.keys()], [B]);
  t.is(label(A), 'x.right');
  t.deepEqual(counts, { learnt: 1, 'ignored.no_json': 1, 'ignored.label': 1, 'ignored.key': 1, 'ignored.model': 1 });
});

test('an empty row makes everybody forget', async (t) => {
  const topic = new TopicKept();
  const { told, label } = await opened(topic);
  topic.write(A, said('x.y'));
  topic.write(A, null);
  t.deepEqual(
    [told, label(A)],
    [
      [
        [A, 'x.y'],
        [A, null],
      ] as [string, string | null][],
      null,
    ],
  );
});

test('no more are kept than may be: who writes to the topic cannot make it grow', async (t) => {
  const topic = new TopicKept();
  const { label } = await opened(topic, { limit: 2 });
  for (const id of [A, B, C]) topic.write(id, said('x.y'));
  t.deepEqual([A, B, C].map(label), [null, 'x.y', 'x.y']);
});

test('nothing is told after it was closed', async (t) => {
  const topic = new TopicKept();
  const { answers, told } = await opened(topic);
  await answers.close();
  topic.write(A, said('x.y'));
  t.deepEqual(told, []);
});
