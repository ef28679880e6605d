import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { TrilogError } from '../../../../src/errors.js';
import { Vocabulary } from '../../../../src/stages/llm/redaction/vocabulary.js';
import { partsOf, segmentsOf } from '../../../../src/stages/llm/redaction/word-parts.js';

test('the vocabulary that comes with trilog has what says what happened', (t) => {
  const words = Vocabulary.load();
  for (const word of 'instance failed spawn unreachable econnrefused sigterm amqp rabbitmq neutron port admin root guest secret password token ipv6'.split(
    ' ',
  ))
    t.true(words.has(word), word);
});

test('the vocabulary has no names of persons and no words that are passwords', (t) => {
  const words = Vocabulary.load();
  for (const word of (
    'alice bob carol dave eve mallory john jane mike david michael peter paul mary anna maria laura james robert thomas daniel sarah frank henry oscar victor ' +
    'hunter changeme letmein qwerty sunshine dragon monkey iloveyou football baseball welcome princess superman batman trustno shadow s3cr3t passw0rd example1 foobar'
  ).split(' '))
    t.false(words.has(word), word);
});

test('a file of words is read without its comments', (t) => {
  t.true(read('# words\nport\nl3\n').has('l3'));
});

for (const [what, text] of [
  ['nothing', '# words\n'],
  ['a sentence', 'port is down\n'],
  ['capitals', 'Port\n'],
] as const) {
  test(`a file with ${what} is refused by its name`, (t) => {
    const error = t.throws(() => read(text)) as TrilogError;
    t.is(error.code, 'VOCABULARY_INVALID');
    t.regex(error.message, /words\.txt/);
  });
}

test('a file that is not there is refused by its name', (t) => {
  const error = t.throws(() => Vocabulary.load('/nowhere/words.txt')) as TrilogError;
  t.is(error.code, 'VOCABULARY_INVALID');
  t.regex(error.message, /nowhere/);
});

function read(text: string): Vocabulary {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-words-'));
  try {
    writeFileSync(join(folder, 'words.txt'), text);
    return Vocabulary.load(join(folder, 'words.txt'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const [name, parts] of [
  ['InstanceNotFound', ['instance', 'not', 'found']],
  ['HTTPError', ['http', 'error']],
  ['ECONNREFUSED', ['econnrefused']],
  ['iSCSI', ['iscsi']],
  ['IPv6Address', ['ipv6', 'address']],
  ['VIFs', ['vifs']],
  ['L3Agent', ['l3', 'agent']],
  ['OpenStack', ['open', 'stack']],
  ['a', ['a']],
] as const) {
  test(`the parts of ${name} are ${parts.join(', ')}`, (t) => {
    t.deepEqual(partsOf(name), [...parts]);
  });
}

test('a name falls apart at all that is neither letter nor digit; one that is too long to be a name has no parts', (t) => {
  t.deepEqual(segmentsOf('nova.virt-libvirt_driver/x'), ['nova', 'virt', 'libvirt', 'driver', 'x']);
  t.deepEqual(segmentsOf('a'.repeat(121)), []);
});
