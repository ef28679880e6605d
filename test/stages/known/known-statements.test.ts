import test from 'ava';
import fc from 'fast-check';
import { knownOf, recordOf } from './records.js';

const MANAGER = 'nova.compute.manager';

test('a record is recognised by the words around the placeholders', (t) => {
  const known = knownOf([MANAGER, "Took %0.2f seconds to %s instance '%s'.", 'instance.lifecycle']);
  const answer = known.match(recordOf(MANAGER, "Took 3.75 seconds to build instance 'vm one'."));
  t.is(answer?.label, 'instance.lifecycle');
  t.regex(answer?.id ?? '', /^known\.[0-9a-f]{8}$/);
  t.is(known.match(recordOf(MANAGER, "Took 3.75 minutes to build instance 'vm one'.")), null);
});

test('what is said before or after a closed statement is another statement', (t) => {
  const known = knownOf([MANAGER, 'Instance destroyed successfully.', 'instance.lifecycle'], [MANAGER, '%s was unplugged', 'network.port']);
  t.is(known.match(recordOf(MANAGER, 'Instance destroyed successfully.'))?.label, 'instance.lifecycle');
  t.is(known.match(recordOf(MANAGER, 'Instance destroyed successfully after 3 attempts')), null);
  t.is(known.match(recordOf(MANAGER, 'The Instance destroyed successfully.')), null);
  t.is(known.match(recordOf(MANAGER, 'tap12 was unplugged'))?.label, 'network.port');
  t.is(known.match(recordOf(MANAGER, 'tap12 was unplugged again')), null);
});

test('a placeholder may hold nothing, or many words', (t) => {
  const known = knownOf([MANAGER, 'Devices %s were detached from %s', 'storage.attachment']);
  for (const value of ['[]', '', 'vda', "{'a': 'were detached', 'b': 'detached from x'}", 'x '.repeat(200)])
    t.is(known.match(recordOf(MANAGER, `Devices ${value} were detached from vm`))?.label, 'storage.attachment');
});

test('the last part of the logger must be the same; the nearer logger is believed', (t) => {
  const known = knownOf(
    ['nova.compute.manager', 'Detaching %s now', 'storage.attachment'],
    ['zun.container.manager', 'Detaching %s now', 'network.port'],
  );
  t.is(known.match(recordOf('nova.compute.manager', 'Detaching x now'))?.label, 'storage.attachment');
  t.is(known.match(recordOf('zun.other.manager', 'Detaching x now'))?.label, 'network.port');
  t.is(known.match(recordOf('fork.manager', 'Detaching x now')), null, 'two that are equally near do not agree');
  t.is(known.match(recordOf('nova.compute.api', 'Detaching x now')), null);
  t.is(known.match(recordOf('', 'Detaching x now')), null);
});

test('the more literal words, the more a statement is believed', (t) => {
  const known = knownOf([MANAGER, 'Failed to %s', 'instance.failure'], [MANAGER, 'Failed to bind port %s', 'network.port']);
  t.is(known.match(recordOf(MANAGER, 'Failed to bind port x'))?.label, 'network.port');
  t.is(known.match(recordOf(MANAGER, 'Failed to bind'))?.label, 'instance.failure');
});

test('statements that fit equally well answer with the label that they share', (t) => {
  const known = knownOf(
    ['a.manager', 'Could not reach %s', 'network.port', 'instance.failure'],
    ['b.manager', 'Could not reach %s', 'instance.failure'],
  );
  t.is(known.match(recordOf('c.manager', 'Could not reach x'))?.label, 'instance.failure');
});

test('a statement that must not answer hides vaguer ones', (t) => {
  const known = knownOf([MANAGER, 'Task %s', 'instance.lifecycle'], [MANAGER, 'Task failed: %s', null]);
  t.is(known.match(recordOf(MANAGER, 'Task started'))?.label, 'instance.lifecycle');
  t.is(known.match(recordOf(MANAGER, 'Task failed: no host')), null);
});

test('the exception that oslo.log appends to a statement is no part of it', (t) => {
  const known = knownOf([MANAGER, 'Instance failed to spawn', 'instance.failure']);
  const error = { type: 'nova.exception.NoMoreNetworks', message: 'None left' };
  const message = 'Instance failed to spawn: nova.exception.NoMoreNetworks: None left';
  t.is(known.match(recordOf(MANAGER, message, error))?.label, 'instance.failure');
  t.is(known.match(recordOf(MANAGER, message)), null);
});

test('where only the reported exception can tell what happened, it is left to that', (t) => {
  const known = knownOf(['oslo.server', 'Exception during message handling', 'service.internal_error']);
  t.is(known.match(recordOf('oslo.server', 'Exception during message handling'))?.label, 'service.internal_error');
  t.is(known.match(recordOf('oslo.server', 'Exception during message handling', { type: 'OSError' })), null);
});

test('the confidence is that of the kind of match', (t) => {
  const known = knownOf([MANAGER, 'Plugged %s', 'network.port'], [MANAGER, 'One two three four', 'network.port']);
  t.is(known.match(recordOf(MANAGER, 'Plugged x'))?.confidence, 0.41);
  t.is(known.match(recordOf(MANAGER, 'One two three four'))?.confidence, 0.53);
  t.is(known.match(recordOf('nova.manager', 'Plugged x'))?.confidence, 0.21);
  t.is(known.match(recordOf('fork.manager', 'One two three four'))?.confidence, 0.13);
});

test('statements that begin with the same long run are told apart', (t) => {
  const start = 'a b c d e f g h i j';
  const known = knownOf([MANAGER, `${start} k %s`, 'network.port'], [MANAGER, `${start} l %s`, 'instance.failure']);
  t.is(known.match(recordOf(MANAGER, `${start} l 1`))?.label, 'instance.failure');
});

test('hostile text gets no answer, and the next record gets its own', (t) => {
  const known = knownOf([MANAGER, '%s volume a %s volume b %s volume c', 'storage.attachment']);
  for (const text of [
    'volume a volume b '.repeat(100_000),
    'volume '.repeat(500),
    '\u0000'.repeat(1e6),
    'x'.repeat(1e6),
    '%s'.repeat(1000),
  ])
    t.is(known.match(recordOf(MANAGER, text)), null);
  t.is(known.match(recordOf(`nova.${'x'.repeat(1e6)}`, 'volume a')), null);
  t.is(known.match(recordOf(MANAGER, 'the volume a or volume b or volume c'))?.label, 'storage.attachment');
});

test('every instance of a statement is recognised, whatever its placeholders hold', (t) => {
  const known = knownOf(
    [MANAGER, 'Start %s of %(a)s, then %d end', 'instance.lifecycle'],
    [MANAGER, '%s: attached %s', 'storage.attachment'],
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), fc.string({ maxLength: 60 }), (a, b) => {
      // A value that touches a word of the statement would make another word of it: the statements have spaces there.
      t.not(known.find(recordOf(MANAGER, `Start ${a} of ${b}, then ${a} end`)), null);
      t.not(known.find(recordOf(MANAGER, `${b}: attached ${a}`)), null);
    }),
  );
});
