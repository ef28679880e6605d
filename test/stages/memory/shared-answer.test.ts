import test from 'ava';
import { type Fitting, readRow, rowValue } from '../../../src/stages/memory/shared-answer.js';

const ID = '0123456789abcdef0123456789abcdef';
const HERE: Fitting = { model: 'm/prompt1', labelOf: (label) => (label === 'network.failure' ? label : null) };
const RIGHT = { v: 1, stage: 'llm', model: 'm/prompt1', label: 'network.failure', confidence: 0.8 };

function read(value: unknown, key = ID) {
  const bytes = value === null || Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  return readRow({ key, value: bytes }, HERE);
}

test('what one agent writes is what another reads', (t) => {
  const guess = { label: 'network.failure', confidence: 0.8125 };
  t.deepEqual(read(rowValue('m/prompt1', guess)), { kind: 'answer', id: ID, guess });
});

test('a value holds the version, the stage, the model and its answer, and nothing else', (t) => {
  t.deepEqual(JSON.parse(rowValue('m/prompt1', { label: 'network.failure', confidence: 0.8 })), RIGHT);
});

test('an empty row is to be forgotten', (t) => {
  t.deepEqual(read(null), { kind: 'forget', id: ID });
});

test('what a later version adds without a new number is left aside', (t) => {
  t.is(read({ ...RIGHT, seen: 12 }).kind, 'answer');
});

for (const [what, value, reason, key] of [
  ['a key that is no id of a template', RIGHT, 'key', 'x'],
  ['a key in capital letters', RIGHT, 'key', ID.toUpperCase()],
  ['an empty row under a key that is none', null, 'key', ''],
  ['a value that is too long', { ...RIGHT, more: 'x'.repeat(3000) }, 'too_long', ID],
  ['text', 'hello', 'no_json', ID],
  ['bytes', Buffer.from([0xff, 0xfe, 0]), 'no_json', ID],
  ['nothing', '', 'no_json', ID],
  ['null', 'null', 'form', ID],
  ['a list', [RIGHT], 'form', ID],
  ['no version', { ...RIGHT, v: undefined }, 'form', ID],
  ['another version', { v: 2, anything: true }, 'version', ID],
  ['another stage', { ...RIGHT, stage: 'bert' }, 'form', ID],
  ['a confidence above 1', { ...RIGHT, confidence: 1.01 }, 'form', ID],
  ['a confidence below 0', { ...RIGHT, confidence: -0.1 }, 'form', ID],
  ['a confidence that is text', { ...RIGHT, confidence: '0.8' }, 'form', ID],
  ['an answer of another model', { ...RIGHT, model: 'm/prompt2' }, 'model', ID],
  ['a label that this agent does not have', { ...RIGHT, label: 'network.victory' }, 'label', ID],
  ['a label that every object has', { ...RIGHT, label: '__proto__' }, 'label', ID],
] as const) {
  test(`${what} is ignored, and told by name`, (t) => {
    t.deepEqual(read(value, key), { kind: 'ignored', reason });
  });
}
