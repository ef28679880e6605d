import test from 'ava';
import fc from 'fast-check';
import { MAX_WORDS, Words } from '../../../src/stages/known/words.js';

const runOf = (text: string): number => {
  const words = new Words().read(text);
  return words.run(0, words.count);
};

test('punctuation and the case of letters do not count', (t) => {
  t.is(runOf("Volume 'vol-1': [Deleted]."), runOf('volume vol 1 deleted'));
  t.not(runOf('volume deleted'), runOf('deleted volume'));
  t.not(runOf('instance_id'), runOf('instance id'));
});

test('a text without words has none', (t) => {
  t.is(new Words().read('… -- []\n').count, 0);
});

test('a part of a text is read alone', (t) => {
  const words = new Words().read('one two three', 4, 7);
  t.is(words.count, 1);
  t.is(words.word(0), new Words().read('two').word(0));
});

test('words past the bound are not looked at, and the object says so', (t) => {
  const words = new Words().read('a '.repeat(MAX_WORDS));
  t.deepEqual([words.count, words.cut], [MAX_WORDS, false]);
  words.read('a '.repeat(MAX_WORDS + 1));
  t.deepEqual([words.count, words.cut], [MAX_WORDS, true]);
  t.false(words.read('a').cut);
});

test('a run has the same hash wherever it stands', (t) => {
  const word = fc.stringMatching(/^[a-z0-9_]{1,8}$/);
  fc.assert(
    fc.property(fc.array(word, { maxLength: 20 }), fc.array(word, { minLength: 1, maxLength: 20 }), (before, run) => {
      const words = new Words().read([...before, ...run].join(' '));
      t.is(words.run(before.length, run.length), runOf(run.join(', ')));
    }),
  );
});
