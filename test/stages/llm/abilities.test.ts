import test from 'ava';
import { type Abilities, ALL_ABILITIES, abilitiesAfter, type Complaint } from '../../../src/stages/llm/abilities.js';

const complaint = (change: Partial<Complaint>): Complaint => ({ param: '', message: '', vague: true, ...change });

const TABLE: readonly [name: string, from: Partial<Abilities>, what: Partial<Complaint>, to: Partial<Abilities> | null][] = [
  ['the parameter that is named goes', {}, { param: 'logprobs' }, { logprobs: false }],
  ['so does one that the message names', {}, { message: "'temperature' does not support 0 with this model" }, { temperature: false }],
  ['a bound has another name', {}, { message: "Use 'max_completion_tokens' instead of 'max_tokens'" }, { bound: 'max_completion_tokens' }],
  ['a schema gives way to any JSON', {}, { param: 'response_format' }, { format: 'json_object' }],
  ['any JSON gives way to text', { format: 'json_object' }, { message: 'json_object is not supported' }, { format: 'text' }],
  ['a vague complaint is about the format first', {}, { message: 'bad request' }, { format: 'json_object' }],
  ['and then about the probabilities', { format: 'text' }, { message: 'bad request' }, { logprobs: false }],
  ['nothing is left to do without', { format: 'text', logprobs: false }, { message: 'bad request' }, null],
  ['what is off already is not to blame', { format: 'text', logprobs: false }, { param: 'logprobs' }, null],
  ['a complaint about something else changes nothing', {}, { message: 'no such model', vague: false }, null],
];

for (const [name, from, what, to] of TABLE) {
  test(name, (t) => {
    const before = { ...ALL_ABILITIES, ...from };
    t.deepEqual(abilitiesAfter(before, complaint(what)), to === null ? null : { ...before, ...to });
  });
}

test('whatever a server complains of, it is asked a bounded number of times', (t) => {
  for (const message of ['bad request', 'logprobs temperature max_completion_tokens response_format']) {
    let abilities: Abilities | null = ALL_ABILITIES;
    let steps = 0;
    while (abilities !== null && steps < 20) {
      abilities = abilitiesAfter(abilities, complaint({ message }));
      steps++;
    }
    t.true(steps <= 7, message);
  }
});
