import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { BlockMaker } from '../../../../plugins/inputs/kafka/blocks.js';
import { instanceIdIn } from '../../../../plugins/inputs/kafka/instance-id.js';
import { Partition } from '../../../../plugins/inputs/kafka/partition.js';
import { startAgain } from '../../../../plugins/inputs/kafka/positions.js';
import { source } from '../../../record/sample.js';

test('an agent keeps its instance id, and makes another where none is left', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-instance-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const made = instanceIdIn(folder);
  t.is(instanceIdIn(folder), made);
  writeFileSync(join(folder, 'instance-id'), '');
  t.not(instanceIdIn(folder), made);
});

test('what is read again begins where the group has come to, or at the first message that came where it has nothing', (t) => {
  t.is(startAgain({ first: 5, committed: -1 }, 9), 9);
  t.is(startAgain({ first: 5, committed: 9 }, 9), 9);
  t.is(startAgain({ first: 5, committed: -1 }, -1), 5);
  t.throws(() => startAgain({ first: 5, committed: 9 }, -1), { message: /offset 9/ });
});

test('with lines apart the blocks of a partition follow each other without a gap, whosever lines they are', (t) => {
  const maker = new BlockMaker(
    { codec: 'auto', maxBytes: 10_000, hostHeader: 'host', apart: true, count: () => {} },
    { format: 'auto', timezone: 'Etc/UTC', input: 'in' },
  );
  const partition = new Partition('logs', 0, source(), 10);
  const hosts = ['a', 'a', 'b', 'a'];
  const messages = hosts.map((host, offset) => {
    const value = Buffer.from(`line ${offset}`);
    const message = {
      topic: 'logs',
      partition: 0,
      offset,
      value,
      size: value.length,
      key: `k${offset}`,
      headers: [{ host: Buffer.from(host) }],
    };
    return { partition, message };
  });
  const blocks = maker.make(messages).map(({ block }) => block);
  t.deepEqual(
    blocks.map(({ source: { host }, offsets, end, apart }) => [host, offsets, end, apart]),
    [
      ['a', [0, 1], 2, true],
      ['b', [2], 3, true],
      ['a', [3], 4, true],
    ],
  );
  t.is(blocks[0]?.source, blocks[2]?.source);
});

test('a partition that was taken back is not written any more, and does not come to life when it is given away', (t) => {
  const partition = new Partition('logs', 0, source(), 10);
  partition.leave();
  t.true(partition.writable);
  partition.state = 'gone';
  partition.leave();
  t.false(partition.writable);
  t.true(partition.drained);
});
