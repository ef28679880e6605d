import test from 'ava';
import fc from 'fast-check';
import { readAnswers } from '../../../src/stages/llm/answer.js';
import type { Token } from '../../../src/stages/llm/confidence.js';

const LABELS = new Set(['auth.failure', 'storage.lifecycle']);
const isLabel = (label: string): boolean => LABELS.has(label);

function read(content: string, ids: readonly string[] = ['t1'], tokens: readonly Token[] | null = null) {
  return Object.fromEntries(readAnswers({ content, tokens }, ids, isLabel));
}

const GOOD = { label: 'auth.failure', confidence: 0.9 };

test('every id gets its answer', (t) => {
  const content = JSON.stringify({ t1: GOOD, t2: { label: 'storage.lifecycle', confidence: 0.4 } });
  t.deepEqual(read(content, ['t1', 't2']), { t1: GOOD, t2: { label: 'storage.lifecycle', confidence: 0.4 } });
});

test('an answer may stand in a fence, behind thoughts or between words', (t) => {
  const json = JSON.stringify({ t1: GOOD });
  for (const content of [
    `\`\`\`json\n${json}\n\`\`\``,
    `<think>{"t1": maybe {}</think>\n${json}`,
    `Here you are: ${json} I hope it helps.`,
  ])
    t.deepEqual(read(content), { t1: GOOD }, content);
});

test('what is no answer is told by what is wrong with it', (t) => {
  const cases: [content: string, reason: string][] = [
    ['', 'no_json'],
    ['auth.failure', 'no_json'],
    ['{"t1": {"label": "auth.failure"', 'no_json'],
    ['{}', 'no_answer'],
    [JSON.stringify({ t2: GOOD }), 'no_answer'],
    [JSON.stringify({ t1: { label: 'pwned.yes', confidence: 1 } }), 'wrong_label'],
    [JSON.stringify({ t1: { label: 'toString', confidence: 1 } }), 'wrong_label'],
    [JSON.stringify({ t1: { label: ['auth.failure'], confidence: 1 } }), 'wrong_label'],
    [JSON.stringify({ t1: null }), 'wrong_label'],
    [JSON.stringify({ t1: { label: 'auth.failure', confidence: 95 } }), 'wrong_confidence'],
    [JSON.stringify({ t1: { label: 'auth.failure', confidence: '0.9' } }), 'wrong_confidence'],
  ];
  for (const [content, reason] of cases) t.deepEqual(read(content), { t1: reason }, content);
});

test('answers to what was not asked are not looked at, nor is what every object has', (t) => {
  t.deepEqual(read(JSON.stringify({ t1: GOOD, t9: { label: 'storage.lifecycle', confidence: 1 } })), { t1: GOOD });
  t.deepEqual(read('{}', ['toString', '__proto__']), { toString: 'no_answer', ['__proto__']: 'no_answer' });
});

test('who does not say how sure it is, is not', (t) => {
  t.deepEqual(read(JSON.stringify({ t1: { label: 'auth.failure' } })), { t1: { label: 'auth.failure', confidence: 0 } });
  t.deepEqual(read(JSON.stringify({ t1: 'auth.failure' })), { t1: { label: 'auth.failure', confidence: 0 } });
});

test('the probability of the tokens of a label counts for more than what the model says of itself', (t) => {
  const pieces: [string, number][] = [
    ['{"t1": {"', -2],
    ['label', -3],
    ['": "', -1],
    ['auth', Math.log(0.8)],
    ['.failure', Math.log(0.5)],
    ['", "confidence": 0.99}}', -4],
  ];
  const tokens = pieces.map(([token, logprob]) => ({ token, logprob }));
  const content = tokens.map(({ token }) => token).join('');
  const { t1 } = read(content, ['t1'], tokens) as unknown as Record<string, { confidence: number }>;
  t.true(Math.abs((t1?.confidence ?? 0) - 0.4) < 1e-9);
  // Tokens of another text say nothing of this one.
  t.deepEqual(read(content, ['t1'], tokens.slice(1)), { t1: { label: 'auth.failure', confidence: 0.99 } });
});

test('whatever comes back, an answer is a label of the taxonomy and a confidence from 0 to 1', (t) => {
  const value = fc.oneof(
    fc.json(),
    fc.string(),
    fc.constantFrom('{"t1":{"label":"auth.failure","confidence":-0}}', '{"t1":{"label":"x"}}'),
  );
  fc.assert(
    fc.property(value, fc.array(fc.record({ token: fc.string(), logprob: fc.double() })), (content, tokens) => {
      const { t1 } = read(content, ['t1'], tokens);
      if (typeof t1 === 'string') return true;
      return t1 !== undefined && isLabel(t1.label) && t1.confidence >= 0 && t1.confidence <= 1;
    }),
  );
  t.pass();
});
