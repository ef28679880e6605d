import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { TrilogError } from '../../../src/errors.js';
import { MODELS_DIR } from '../../../src/paths.js';
import { decodeStatements, encodeStatements } from '../../../src/stages/known/file.js';
import { KnownStatements } from '../../../src/stages/known/known-statements.js';
import { loadTaxonomy } from '../../../src/stages/taxonomy.js';
import { setOf } from './records.js';

const set = setOf(
  ['a.manager', 'Plugged %s into %s', 'network.port'],
  ['b.api', '%s failed', 'instance.failure', 'network.port'],
  ['c', 'x: %s', null],
);
const bytes = encodeStatements(set);

test('what is written is read again', (t) => {
  t.deepEqual(decodeStatements(bytes, 'x'), set);
});

test('it holds no word of a statement', (t) => {
  t.false(bytes.includes('Plugged'));
  t.false(bytes.includes('plugged'));
  t.false(bytes.includes('manager'));
});

const newer = Buffer.from(bytes.toString('latin1').replace('"version":1', '"version":2'), 'latin1');
const BROKEN: readonly (readonly [what: string, bytes: Buffer, says: RegExp])[] = [
  ['empty', Buffer.alloc(0), /not a file of known statements/],
  ['another file', Buffer.from('rules:\n  - id: x\n'), /not a file of known statements/],
  ['of another version', newer, /version 2, but this trilog reads version 1/],
  ['without columns', bytes.subarray(0, 40), /header cannot be read/],
  ['cut short', bytes.subarray(0, -1), /cut short or damaged/],
  ['damaged', Buffer.concat([bytes.subarray(0, -2), Buffer.from([77, 77])]), /cut short or damaged/],
  ['made of columns that do not fit', encodeStatements({ ...set, logger: Uint16Array.from(set.logger, () => 9) }), /do not fit together/],
  ['short of a column', encodeStatements({ ...set, flags: set.flags.slice(1) }), /do not fit together/],
  ['with labels that it does not name', encodeStatements({ ...set, labels: [] }), /do not fit together/],
];
for (const [what, broken, says] of BROKEN) {
  test(`a file that is ${what} is refused, by name`, (t) => {
    const error = t.throws(() => decodeStatements(broken, 'some/file.bin'), { instanceOf: TrilogError, message: says });
    t.is(error?.code, 'KNOWN_STATEMENTS_INVALID');
    t.true(error?.message.startsWith('some/file.bin: '));
  });
}

test('a file that is not there is refused, by name', (t) => {
  t.throws(() => KnownStatements.load('no/such.bin'), {
    instanceOf: TrilogError,
    code: 'KNOWN_STATEMENTS_INVALID',
    message: /no\/such\.bin/,
  });
});

test('the file that comes with trilog is read, and its labels are in the taxonomy', (t) => {
  const file = join(MODELS_DIR, 'known', 'openstack.bin');
  t.true(KnownStatements.load(file).size > 10_000);
  const taxonomy = loadTaxonomy();
  for (const label of decodeStatements(readFileSync(file), file).labels) t.true(taxonomy.has(label), label);
});
