import test from 'ava';
import { TrilogError } from '../src/errors.js';
import { fatalText } from '../src/fatal.js';

test('an error is told in lines of its own, with its code and what to do', (t) => {
  t.regex(fatalText(new TrilogError('USAGE', 'one\ntwo')), /^one\ntwo\nUSAGE: [^\n]+\n$/);
});

test('what a message quotes from a file does not steer the terminal', (t) => {
  t.regex(
    fatalText(new TrilogError('LABELS_INVALID', 'label: "\u001b]0;pwned\u0007"\nb\u009b2J')),
    /^label: "\\x1b\]0;pwned\\x07"\nb\\x9b2J\nLABELS_INVALID: /,
  );
  const error = new Error('bad \u001b[2J');
  error.stack = `Error: ${error.message}\n    at x`;
  t.is(fatalText(error), 'Error: bad \\x1b[2J\n    at x\n');
  t.is(fatalText('\u001bc'), '\\x1bc\n');
});
