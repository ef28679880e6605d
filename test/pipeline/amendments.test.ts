import test from 'ava';
import { Amendments } from '../../src/pipeline/amendments.js';
import type { Level } from '../../src/record/record.js';
import type { LateAnswer } from '../../src/stages/template-stages.js';
import { record } from '../record/sample.js';

function answer(templateId: string, label = 'auth.failure'): LateAnswer {
  return { templateId, label, confidence: 0.9, stage: 'llm', event: null };
}

const LEVELS = new Set<Level>(['ERROR', 'INFO', '']);
const ids = (due: readonly { readonly id: string }[]): string[] => due.map(({ id }) => id);

test('records that went by their template without a label are open, others are not', (t) => {
  const open = Object.assign(record('a'), { stage: 'none', templateId: 'x' });
  const labelled = Object.assign(record('b'), { stage: 'bert', templateId: 'x' });
  const raw = Object.assign(record('c'), { stage: 'none', templateId: '' });
  const debug = Object.assign(record('d'), { stage: 'none', templateId: 'x', level: 'DEBUG' });
  t.deepEqual(new Amendments(LEVELS).openOf([open, labelled, raw, debug]), [{ id: open.id, templateId: 'x' }]);
});

test('an answer amends the records of its template, each once', (t) => {
  const amendments = new Amendments(LEVELS);
  t.deepEqual(amendments.written(['1', '2', '3'].map((id) => ({ id, templateId: id === '3' ? 'y' : 'x' }))), []);
  t.deepEqual(amendments.answered(answer('x')), [
    { id: '1', ...answer('x') },
    { id: '2', ...answer('x') },
  ]);
  t.deepEqual(amendments.answered(answer('x')), []);
  t.deepEqual(ids(amendments.answered(answer('y'))), ['3']);
});

test('records that were on their way when the answer came are amended as soon as they are written', (t) => {
  const amendments = new Amendments(LEVELS);
  t.deepEqual(amendments.answered(answer('x')), []);
  t.deepEqual(ids(amendments.written([{ id: '1', templateId: 'x' }])), ['1']);
});

test('only so many records are remembered, the last, and only for so long', (t) => {
  let now = 0;
  const amendments = new Amendments(LEVELS, { records: 3, ageMs: 1000 }, () => now);
  amendments.written(['1', '2', '3', '4'].map((id) => ({ id, templateId: 'x' })));
  now = 500;
  amendments.written([{ id: '5', templateId: 'x' }]);
  now = 1200;
  t.deepEqual(ids(amendments.answered(answer('x'))), ['5']);
});

test('an answer counts for records that were on their way with it, not for those of a later day', (t) => {
  let now = 0;
  const amendments = new Amendments(LEVELS, { records: 3, ageMs: 1000 }, () => now);
  amendments.answered(answer('x'));
  now = 300_001;
  t.deepEqual(amendments.written([{ id: '1', templateId: 'x' }]), []);
});
