import test from 'ava';
import { type Compared, Doubts, isRemade, raisesDoubt } from '../../../../plugins/inputs/kafka/doubts.js';
import { Partition } from '../../../../plugins/inputs/kafka/partition.js';

function partitionOf(number: number, committed: number, topic = 'logs'): Partition {
  const source = { id: 's', input: 'in', name: `${topic}/${number}`, program: '', host: 'h', timezone: 'Etc/UTC', format: 'auto' };
  const partition = new Partition(topic, number, source, 10);
  partition.committed = committed;
  return partition;
}

type Answers = readonly (readonly number[] | null)[];

/** What is found, where the group answers so, one answer after the other. */
class Asking {
  readonly remade: string[] = [];
  readonly stale: string[] = [];
  asked = 0;
  readonly doubts: Doubts;

  constructor(own: readonly Partition[], answers: Answers) {
    const namesOf = (partitions: readonly Partition[]): string[] => partitions.map(({ topic, partition }) => `${topic}/${partition}`);
    this.doubts = new Doubts({
      partitions: () => own,
      committed: async () => answers[this.asked++] ?? null,
      remade: (partitions, stale) => {
        this.remade.push(...namesOf(partitions));
        this.stale.push(...namesOf(stale));
      },
      over: () => false,
    });
  }

  async settled(): Promise<this> {
    await this.doubts.settled(60_000);
    if (this.doubts.any) throw new Error('it does not end');
    return this;
  }

  raised(): Promise<this> {
    this.doubts.raise();
    if (!this.doubts.any) throw new Error('there is no doubt');
    return this.settled();
  }
}

/** @param offsets `[known, received, committed]` of each partition */
function compared(offsets: readonly (readonly [number, number, number])[]): Compared[] {
  return offsets.map(([known, received, committed]) => ({ known, received, committed }));
}

test('one forgotten offset says that the topic is another, whatever was committed of the others by then', (t) => {
  t.true(isRemade(compared([[10, 20, -1]]), false));
  t.true(
    isRemade(
      compared([
        [10, 20, 10],
        [30, 40, 5],
      ]),
      false,
    ),
  );
});

test('offsets that grew, or are there though this member committed none, are of the same topic', (t) => {
  t.false(isRemade(compared([[10, 20, 15]]), true));
  t.false(isRemade(compared([[-1, 20, 7]]), true));
  t.false(
    isRemade(
      compared([
        [-1, 20, -1],
        [10, 20, 10],
      ]),
      true,
    ),
  );
});

test('where the group never had an offset, the brokers decide, if anything was read', (t) => {
  t.true(isRemade(compared([[-1, 20, -1]]), true));
  t.false(isRemade(compared([[-1, 20, -1]]), false));
  t.false(isRemade(compared([[-1, -1, -1]]), true));
});

test('all partitions of the topic are remade, those of others are not', async (t) => {
  const own = [partitionOf(0, 10), partitionOf(1, -1), partitionOf(0, 5, 'others')];
  const { remade, stale } = await new Asking(own, [[-1, 30, 5]]).raised();
  t.deepEqual(remade, ['logs/0', 'logs/1']);
  t.deepEqual(stale, ['logs/1'], 'committed of the old topic after the group had forgotten it');
});

test('without an answer it is asked again', async (t) => {
  const { remade, asked } = await new Asking([partitionOf(0, 10)], [null, [-1]]).raised();
  t.deepEqual(remade, ['logs/0']);
  t.is(asked, 2);
});

test('what was replaced already is not asked for', async (t) => {
  const replaced = partitionOf(0, 10);
  replaced.state = 'replaced';
  t.is((await new Asking([replaced], []).raised()).asked, 0);
});

test('what is committed while it is asked is no forgetting', async (t) => {
  const own = partitionOf(0, 10);
  const asking = new Asking([own], [[10]]);
  asking.doubts.raise();
  own.committed = 20;
  t.deepEqual((await asking.settled()).remade, []);
});

test('who did not poll for a while may have missed it: the group is asked', async (t) => {
  const asking = new Asking([partitionOf(0, 10)], [[-1]]);
  asking.doubts.polled(0);
  asking.doubts.polled(900);
  t.false(asking.doubts.any);
  asking.doubts.polled(5000);
  t.true(asking.doubts.any);
  t.deepEqual((await asking.settled()).remade, ['logs/0']);
});

test('doubt is raised by what says that a topic is not there or is another, and by nothing else', (t) => {
  t.deepEqual(
    [3, 100, 103, 1, 0, -185].map((code) => raisesDoubt(code)),
    [true, true, true, false, false, false],
  );
});
