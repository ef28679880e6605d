import test from 'ava';
import { patternOf, placeholdersOf } from '../../../src/stages/known/template.js';

function shape(template: string): string {
  const { runs, openStart, openEnd } = patternOf(template);
  return `${openStart ? '*' : ''}${runs.map((run) => run.join(' ')).join('*')}${openEnd ? '*' : ''}`;
}

const TEMPLATES: readonly (readonly [template: string, shape: string])[] = [
  ["Instance '%s' deleted.", 'Instance*deleted'],
  ['id=%(id)s, host: [%s]', 'id*host*'],
  ['%.2f seconds to build', '*seconds to build'],
  ['%(a)s %(b)s of %(c)-5s', '*of*'],
  ['%s.', '**'],
  ['disk is %d%% full', 'disk is*full'],
  ['100% sure of it', '100 sure of it'],
  ['Loaded %(n)sMB from vlan%d.', 'Loaded*from*'],
  ["%s's drivers", '*s drivers'],
  ['No placeholders at all', 'No placeholders at all'],
  ['First line:\n%s\nlast line', 'First line*last line'],
  ['Name {} of {0} in {vm.id!r}', 'Name*of*in*'],
  ['Body {"a": 1} sent to %s', 'Body a 1 sent to*'],
  ['%(name)r%(suffix)s done', '*done'],
  ['', ''],
];

for (const [template, expected] of TEMPLATES) {
  test(`${JSON.stringify(template)} is cut at its placeholders`, (t) => t.is(shape(template), expected));
}

test('placeholders have names where the statement gives them', (t) => {
  t.deepEqual(placeholdersOf('%(a)s of %s, 5%%'), ['a', '']);
  t.deepEqual(placeholdersOf('{task.name} of {}'), ['task.name', '']);
  t.deepEqual(placeholdersOf('none'), []);
});
