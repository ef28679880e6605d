import test from 'ava';
import { forMachines } from '../../src/evaluation/for-machines.js';
import type { Judged } from '../../src/evaluation/judged.js';
import { measureModel } from '../../src/evaluation/model-measures.js';
import { report } from '../../src/evaluation/report.js';

function judged(fields: Partial<Judged>): Judged {
  return {
    label: 'a',
    alt: null,
    answer: null,
    guesses: [],
    stage: 'none',
    service: 'nova',
    level: 'INFO',
    source: '',
    line: 1,
    ...fields,
  };
}

const RECORDS = [
  judged({ answer: 'a', stage: 'rule' }),
  judged({ label: 'b', answer: 'a', stage: 'rule', line: 2, level: 'ERROR' }),
  judged({ label: 'b', answer: 'a', stage: 'rule', line: 3, level: '' }),
  judged({ answer: 'a', stage: 'known', line: 4 }),
  judged({ answer: 'a', stage: 'bert', guesses: [{ label: 'a', confidence: 0.9 }], line: 5 }),
  judged({
    guesses: [
      { label: 'c', confidence: 0.5 },
      { label: 'a', confidence: 0.3 },
    ],
    service: 'glance',
    line: 6,
  }),
  judged({ label: 'd', alt: 'a', answer: 'a', stage: 'bert', guesses: [{ label: 'a', confidence: 0.8 }], line: 7 }),
];

test('a stage is measured over the records that came to it', (t) => {
  const { overall, stages } = report(RECORDS, ['rule', 'known', 'bert'], 'tiny');
  t.deepEqual([overall.records, overall.answered, overall.rightOfAll], [7, 6, 3 / 7]);
  t.deepEqual(
    stages.map(({ name, records, answered, rightOfAnswered }) => [name, records, answered, rightOfAnswered]),
    [
      ['rule', 7, 3, 1 / 3],
      ['known', 4, 1, 1],
      ['bert', 3, 2, 0.5],
    ],
  );
});

test('the model is measured by its likeliest label, however sure it is', (t) => {
  const { model } = report(RECORDS, ['rule', 'known', 'bert'], 'tiny');
  t.deepEqual([model?.asked, model?.right, model?.rightOrSecond, model?.top2], [3, 1 / 3, 2 / 3, 2 / 3]);
  t.is(report(RECORDS, ['rule'], null).model, null);
  t.deepEqual([measureModel([]).right, measureModel([]).ece], [null, null]);
});

test('wrong answers are counted by pair, with the line of the first; a second label is not wrong', (t) => {
  t.deepEqual(report(RECORDS, ['rule'], null).confusions, [{ label: 'b', answer: 'a', records: 2, firstLine: 2 }]);
});

test('groups come by size, and what has no name is a dash', (t) => {
  const { services, levels, sources } = report(RECORDS, ['rule'], null);
  t.deepEqual(
    services.map(({ name, records }) => [name, records]),
    [
      ['nova', 6],
      ['glance', 1],
    ],
  );
  t.deepEqual(
    levels.map(({ name }) => name),
    ['INFO', '-', 'ERROR'],
  );
  t.deepEqual(
    sources.map(({ name, records }) => [name, records]),
    [['-', 7]],
  );
});

test('machines read snake_case and four digits', (t) => {
  t.deepEqual(forMachines({ macroF1: 1 / 3, bins: [{ firstLine: 12 }], modelId: null, top2: 'a' }), {
    ...{ macro_f1: 0.3333, bins: [{ first_line: 12 }], model_id: null, top2: 'a' },
  });
});
