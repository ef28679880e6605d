import test from 'ava';
import fc from 'fast-check';
import { PartitionOffsets } from '../../../../plugins/inputs/kafka/offsets.js';

type Step = readonly ['out', number, string | null] | readonly ['settle', string, number];

function play(steps: readonly Step[]): number[] {
  const offsets = new PartitionOffsets<object>();
  const owners = new Map<string, object>();
  const ownerOf = (name: string): object => {
    const owner = owners.get(name) ?? {};
    owners.set(name, owner);
    return owner;
  };
  return steps.map((step) => {
    if (step[0] === 'out') offsets.handOut(step[1], step[2] === null ? null : ownerOf(step[2]));
    else offsets.settle(ownerOf(step[1]), step[2]);
    return offsets.committable;
  });
}

const TABLE: readonly (readonly [string, readonly Step[], readonly number[]])[] = [
  [
    'the first that is handed out is where a restart begins, before anything is stored',
    [
      ['out', 7, 'a'],
      ['out', 8, 'a'],
    ],
    [7, 7],
  ],
  [
    'all that is stored may be committed',
    [
      ['out', 7, 'a'],
      ['out', 8, 'a'],
      ['settle', 'a', 9],
    ],
    [7, 7, 9],
  ],
  [
    'a record that is still open holds the offset at its head',
    [
      ['out', 7, 'a'],
      ['out', 8, 'a'],
      ['out', 9, 'a'],
      ['settle', 'a', 8],
      ['settle', 'a', 10],
    ],
    [7, 7, 7, 8, 10],
  ],
  [
    'one key holds the others',
    [
      ['out', 1, 'a'],
      ['out', 2, 'b'],
      ['out', 3, 'a'],
      ['settle', 'b', 3],
      ['settle', 'a', 2],
      ['settle', 'a', 4],
    ],
    [1, 1, 1, 1, 3, 4],
  ],
  [
    'gaps of compaction and transactions are passed',
    [
      ['out', 1, 'a'],
      ['out', 50, 'a'],
      ['settle', 'a', 2],
      ['settle', 'a', 51],
    ],
    [1, 1, 50, 51],
  ],
  [
    'what is settled at once is passed when all before it is stored',
    [
      ['out', 1, 'a'],
      ['out', 2, null],
      ['out', 3, null],
      ['settle', 'a', 2],
      ['out', 4, null],
    ],
    [1, 1, 1, 4, 5],
  ],
  [
    'a message of several lines is done when all of them are, whoever owns them',
    [
      ['out', 5, 'a'],
      ['out', 5.25, 'b'],
      ['out', 5.5, 'a'],
      ['settle', 'a', 6],
      ['settle', 'b', 5.5],
    ],
    [5, 5, 5, 5, 6],
  ],
  [
    'what nobody knows settles nothing',
    [
      ['out', 1, 'a'],
      ['settle', 'stranger', 9],
    ],
    [1, 1],
  ],
  [
    'settling again changes nothing',
    [
      ['out', 1, 'a'],
      ['settle', 'a', 2],
      ['settle', 'a', 2],
      ['settle', 'a', 1],
      ['out', 2, 'a'],
    ],
    [1, 2, 2, 2, 2],
  ],
];

for (const [title, steps, expected] of TABLE) test(title, (t) => t.deepEqual(play(steps), expected));

test('nothing may be committed of a partition of which nothing was handed out', (t) => {
  t.is(new PartitionOffsets().committable, -1);
});

test('whatever settles in whatever order, the offset is the first that is not settled, and never goes back', (t) => {
  const messages = fc.array(fc.nat(4), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(messages, fc.array(fc.tuple(fc.nat(4), fc.nat(61)), { maxLength: 80 }), (keys, settlements) => {
      const offsets = new PartitionOffsets<object>();
      const owners = [{}, {}, {}, {}, {}];
      const reached = [0, 0, 0, 0, 0];
      keys.forEach((key, offset) => {
        offsets.handOut(offset, key === 4 ? null : (owners[key] ?? null));
      });
      let before = offsets.committable;
      for (const [key, position] of settlements) {
        offsets.settle(owners[key] ?? {}, position);
        reached[key] = Math.max(reached[key] ?? 0, position);
        const first = keys.findIndex((owner, offset) => owner !== 4 && offset >= (reached[owner] ?? 0));
        const expected = first < 0 ? keys.length : first;
        if (offsets.committable !== expected || offsets.committable < before) return false;
        before = offsets.committable;
      }
      return true;
    }),
  );
  t.pass();
});

test('what is settled is forgotten, over any number of messages', (t) => {
  const offsets = new PartitionOffsets<object>();
  const owner = {};
  const straggler = {};
  for (let offset = 0; offset < 100_000; offset++) {
    if (offset === 20_000) offsets.handOut(offset, straggler);
    else offsets.handOut(offset, owner);
    if (offset % 100 === 99) offsets.settle(owner, offset - 10);
    if (offset === 60_000) {
      t.is(offsets.committable, 20_000);
      offsets.settle(straggler, 20_001);
    }
  }
  offsets.settle(owner, 100_000);
  t.is(offsets.committable, 100_000);
  t.is(offsets.open, 0);
});
