import test from 'ava';
import { Assignment } from '../../../../plugins/inputs/kafka/assignment.js';
import { Partition } from '../../../../plugins/inputs/kafka/partition.js';
import { source } from '../../../record/sample.js';

type Place = { topic: string; partition: number; offset?: number };

/** The library, as far as an assignment asks it; it says what it was asked. */
function library(protocol: 'COOPERATIVE' | 'EAGER') {
  const calls: string[] = [];
  const says =
    (call: string) =>
    (places: readonly Place[] = []): void => {
      calls.push(
        `${call} ${places.map(({ partition, offset }) => (offset === undefined ? partition : `${partition}@${offset}`)).join(' ')}`.trim(),
      );
    };
  const consumer = {
    assign: says('assign'),
    unassign: says('unassign'),
    incrementalAssign: says('add'),
    incrementalUnassign: says('remove'),
    pause: says('pause'),
    resume: says('resume'),
    rebalanceProtocol: () => protocol,
  } as unknown as ConstructorParameters<typeof Assignment>[0];
  const assignment = new Assignment(consumer, (topic, partition) => new Partition(topic, partition, source(), 10));
  return { calls, assignment };
}

const partition = (number: number) => ({ topic: 'logs', partition: number });
const start = (number: number, offset: number) => ({ ...partition(number), offset });

test('what was given waits until it is known where to begin; the library hears of it all the same', (t) => {
  const { calls, assignment } = library('COOPERATIVE');
  assignment.give([partition(0), partition(1)]);
  assignment.begin([]);
  t.deepEqual([assignment.waiting.length, assignment.partitions.size], [2, 0]);
  assignment.begin([start(0, 5), start(1, -2)]);
  t.deepEqual([assignment.waiting.length, [...assignment.partitions.keys()]], [0, ['logs/0', 'logs/1']]);
  t.deepEqual(calls, ['add', 'add 0@5 1@-2']);
});

test('what is taken away before it began is never told to the library', (t) => {
  const { calls, assignment } = library('COOPERATIVE');
  assignment.give([partition(0), partition(1), partition(2)]);
  assignment.begin([start(0, 5)]);
  const own = assignment.partitions.get('logs/0');
  t.deepEqual(assignment.leave([partition(0), partition(1)]), own === undefined ? [] : [own]);
  t.is(own?.state, 'leaving');
  assignment.giveBack([partition(0), partition(1)]);
  t.is(own?.state, 'gone');
  t.deepEqual([assignment.waiting, assignment.partitions.size], [[partition(2)], 0]);
  t.deepEqual(calls, ['add 0@5', 'remove 0']);
});

test('one that cannot begin yet lets others come before it', (t) => {
  const { assignment } = library('COOPERATIVE');
  assignment.give([partition(0), partition(1)]);
  assignment.putBehind(partition(0));
  assignment.putBehind(partition(7));
  t.deepEqual(assignment.waiting, [partition(1), partition(0)]);
});

test('what begins while it is paused is paused', (t) => {
  const { calls, assignment } = library('COOPERATIVE');
  assignment.pause(true);
  assignment.give([partition(3)]);
  assignment.begin([start(3, 0)]);
  assignment.pause(false);
  t.deepEqual(calls, ['pause', 'add 3@0', 'pause 3', 'resume 3']);
});

test('without cooperation all is given and taken at once', (t) => {
  const { calls, assignment } = library('EAGER');
  assignment.give([partition(0)]);
  assignment.begin([start(0, 7)]);
  assignment.leave([partition(0)]);
  assignment.giveBack([partition(0)]);
  t.deepEqual(calls, ['assign 0@7', 'unassign']);
});

test('where nothing more is to be read than there was, a partition that is at its end has ended', (t) => {
  const { assignment } = library('COOPERATIVE');
  const end = { low: 0, high: 10 };
  assignment.begin([
    { ...start(0, 10), end: { ...end, from: 10 } },
    { ...start(1, 4), end: { ...end, from: 4 } },
    { ...start(2, -2), end: { low: 10, high: 10, from: -1 } },
  ]);
  t.deepEqual(
    [...assignment.partitions.values()].map(({ ended }) => ended),
    [true, false, true],
  );
});
