import test from 'ava';
import { linearCompiler, nativeCompiler, portableCompiler } from '../../../src/stages/rules/pattern.js';

const CASES: readonly (readonly [source: string, text: string, found: readonly string[]])[] = [
  ['a.', 'ab ac', ['ab', 'ac']],
  ['(?i)acme', 'Acme and ACME', ['Acme', 'ACME']],
  ['x*', 'axxb', ['xx']],
  ['\\b', 'a b', []],
  ['^a', 'aa', ['a']],
  ['b', '\u{1f600}b\u00e9b', ['b', 'b']],
  ['a', '', []],
];

for (const [name, compile] of [
  ['RE2', nativeCompiler() ?? portableCompiler],
  ['its port', portableCompiler],
  ['the compiler that is used', linearCompiler()],
] as const) {
  test(`${name} says where a pattern occurs, also when asked again`, (t) => {
    for (const [source, text, found] of CASES) {
      const pattern = compile(source);
      for (let asked = 0; asked < 2; asked++)
        t.deepEqual(
          pattern.spans(text).map(([start, end]) => text.slice(start, end)),
          [...found],
          `${source} in ${text}`,
        );
    }
  });
}
