import test from 'ava';
import type { TopicPartitionOffset } from 'node-rdkafka';
import { Commits } from '../../../../plugins/inputs/kafka/commits.js';
import { Partition } from '../../../../plugins/inputs/kafka/partition.js';

const SOURCE = { id: 's', input: 'in', name: 'logs/0', program: '', host: 'h', timezone: 'Etc/UTC', format: 'auto' };

/** A partition of which so many messages are stored. */
function partitionOf(number: number, stored: number): Partition {
  const partition = new Partition('logs', number, SOURCE, 10);
  for (let offset = 0; offset < stored; offset++) {
    partition.receive(offset);
    partition.offsets.handOut(offset, null);
  }
  return partition;
}

function offset(partition: number, to: number): TopicPartitionOffset {
  return { topic: 'logs', partition, offset: to };
}

function commitsTo(sent: TopicPartitionOffset[][], counted: string[] = []): Commits {
  const consumer = { commit: (offsets: TopicPartitionOffset[]) => void sent.push(offsets) };
  return new Commits(
    consumer as never,
    { everyMs: 0, waitMs: 1000 },
    (name) => void counted.push(name),
    () => {},
  );
}

test('what the group took is not sent again, and one is under way at a time', (t) => {
  const sent: TopicPartitionOffset[][] = [];
  const commits = commitsTo(sent);
  const own = [partitionOf(0, 3), partitionOf(1, 0)];
  commits.later(own);
  commits.later(own);
  t.deepEqual(sent, [[offset(0, 3)]]);
  commits.answered(null, [offset(0, 3)]);
  t.is(own[0]?.committed, 3);
  commits.later(own);
  t.is(sent.length, 1);
});

test('an answer is for the partition that was sent, not for what stands in its place by now', (t) => {
  const commits = commitsTo([]);
  const [old, next] = [partitionOf(0, 3), partitionOf(0, 0)];
  commits.later([old]);
  commits.answered(null, [offset(0, 3)]);
  t.is(old.committed, 3);
  t.is(next.committed, -1);
});

test('the answer to a commit that another sent through the same consumer changes nothing', async (t) => {
  const sent: TopicPartitionOffset[][] = [];
  const counted: string[] = [];
  const commits = commitsTo(sent, counted);
  const own = [partitionOf(0, 3)];
  const done = commits.now(own);
  await Promise.resolve();
  commits.answered(null, [offset(0, 0)]);
  t.is(own[0]?.committed, -1);
  commits.later(own);
  t.is(sent.length, 1, 'ours is still under way');
  commits.answered(null, [offset(0, 3)]);
  await done;
  t.deepEqual(counted, ['commits']);
});

test('what was refused is sent again', (t) => {
  const sent: TopicPartitionOffset[][] = [];
  const counted: string[] = [];
  const commits = commitsTo(sent, counted);
  const own = [partitionOf(0, 3)];
  commits.later(own);
  commits.answered(Object.assign(new Error('no'), { code: 22 }) as never, []);
  commits.later(own);
  t.is(sent.length, 2);
  t.deepEqual(counted, ['commit_failures']);
});
