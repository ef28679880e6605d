import test from 'ava';
import { foundAt } from '../../src/yaml/found.js';

const document = {
  number: -1,
  list: ['a', { b: true }],
  nothing: null,
  long: 'x'.repeat(1000),
  hostile: '\u001b[31m\u009b\u202e\n',
  api_key: 'hunter2',
  auth: { user: 'me' },
  url: 'htp://me:hunter2@host/',
  max_tokens: 3,
};

for (const [path, found] of [
  [['number'], '-1'],
  [['list', 0], '"a"'],
  [['list', 1, 'b'], 'true'],
  [['nothing'], 'null'],
  [['max_tokens'], '3'],
  [['long'], `"${'x'.repeat(40)}…"`],
  [['hostile'], '"\\u001b[31m\\u009b\\u202e\\n"'],
  [['list'], null],
  [['list', 7], null],
  [['missing', 'below'], null],
  [['toString'], null],
  [['api_key'], null],
  [['auth', 'user'], null],
  [['url'], null],
] as const) {
  test(`at ${path.join('.')} there is ${found ?? 'nothing to show'}`, (t) => {
    t.is(foundAt(document, path), found);
  });
}
