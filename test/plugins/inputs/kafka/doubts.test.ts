import test from 'ava';
import { Doubts, raisesDoubt } from '../../../../plugins/inputs/kafka/doubts.js';
import { Partition } from '../../../../plugins/inputs/kafka/partition.js';

const SOURCE = { id: 's', input: 'in', name: 'logs/0', program: '', host: 'h', timezone: 'Etc/UTC', format: 'auto' };

function partitionOf(number: number, committed: number): Partition {
  const partition = new Partition('logs', number, SOURCE, 10);
  partition.committed = committed;
  return partition;
}

/** What is found to be remade, where the group answers so, one answer after the other. */
async function remadeOf(own: readonly Partition[], answers: Readonly<Record<number, readonly (number | null)[]>>): Promise<number[]> {
  const remade: number[] = [];
  const asked = new Map<number, number>();
  const doubts = new Doubts({
    committed: async ({ partition }) => {
      const times = asked.get(partition) ?? 0;
      asked.set(partition, times + 1);
      return answers[partition]?.[times] ?? null;
    },
    remade: (partition) => {
      remade.push(partition.partition);
      partition.committed = -1;
    },
    over: () => false,
  });
  doubts.raise(() => own);
  if (!doubts.any) throw new Error('there is no doubt');
  await doubts.settled(60_000);
  if (doubts.any) throw new Error('it does not end');
  return remade;
}

test('a partition whose offset the group has forgotten is one of a topic that was made anew', async (t) => {
  t.deepEqual(await remadeOf([partitionOf(0, 10), partitionOf(1, 20)], { 0: [-1], 1: [20] }), [0]);
});

test('one that the group has never had an offset of is not asked for', async (t) => {
  t.deepEqual(await remadeOf([partitionOf(0, -1)], {}), []);
});

test('without an answer it is asked again', async (t) => {
  t.deepEqual(await remadeOf([partitionOf(0, 10)], { 0: [null, -1] }), [0]);
});

test('doubt is raised by what says that a topic is not there or is another, and by nothing else', (t) => {
  t.deepEqual(
    [3, 100, 103, 1, 0, -185].map((code) => raisesDoubt(code)),
    [true, true, true, false, false, false],
  );
});
