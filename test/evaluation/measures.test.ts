import test from 'ava';
import { macroF1, measure } from '../../src/evaluation/measures.js';

/** label, second label, answer */
function rows(...cells: readonly (readonly [string, string | null, string | null])[]) {
  return cells.map(([label, alt, answer]) => ({ label, alt, answer }));
}

test('shares are of the answers and of all; a second label counts where it is asked for', (t) => {
  const found = measure(rows(['a', null, 'a'], ['a', 'b', 'b'], ['b', null, 'a'], ['b', null, null]));
  t.deepEqual([found.records, found.answered, found.coverage], [4, 3, 0.75]);
  t.deepEqual([found.rightOfAnswered, found.rightOrSecondOfAnswered], [1 / 3, 2 / 3]);
  t.deepEqual([found.rightOfAll, found.rightOrSecondOfAll], [0.25, 0.5]);
});

test('macro-F1 is the mean over the labels that occur', (t) => {
  // a: 2 right, 3 had, 2 said: 4/5. b: 1 right, 1 had, 2 said: 2/3.
  t.is(macroF1(rows(['a', null, 'a'], ['a', null, 'a'], ['a', null, 'b'], ['b', null, 'b'])), (4 / 5 + 2 / 3) / 2);
  // c is only ever said, in place of b: b has 1 right, 2 had, 1 said.
  t.is(macroF1(rows(['b', null, 'b'], ['b', null, 'c'])), 2 / 3);
  t.is(macroF1(rows(['a', null, null])), 0);
});

test('there are no shares of nothing', (t) => {
  const none = measure([]);
  t.deepEqual([none.coverage, none.rightOfAnswered, none.rightOfAll, none.macroF1], [null, null, null, null]);
  t.is(measure(rows(['a', null, null])).rightOfAnswered, null);
});
