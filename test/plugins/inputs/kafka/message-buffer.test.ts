import test from 'ava';
import type { Message } from 'node-rdkafka';
import { MessageBuffer } from '../../../../plugins/inputs/kafka/message-buffer.js';
import { Partition } from '../../../../plugins/inputs/kafka/partition.js';
import { source } from '../../../record/sample.js';

const LONG_MS = 600_000;

/** A buffer with so many messages of 100,000 bytes. */
function bufferWith(messages: number): { buffer: MessageBuffer; partition: Partition } {
  const buffer = new MessageBuffer(33_554_432);
  const partition = new Partition('logs', 0, source(), 10);
  const message: Message = { value: null, size: 100_000, topic: 'logs', offset: 0, partition: 0 };
  for (let i = 0; i < messages; i++) buffer.add({ partition, message });
  return { buffer, partition };
}

/** Whether it is over, after all that is ready has been done. */
async function isOver(promise: Promise<void>): Promise<boolean> {
  let over = false;
  void promise.then(() => {
    over = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return over;
}

test('little that waits runs low at once', async (t) => {
  t.true(await isOver(bufferWith(2).buffer.runningLow(LONG_MS)));
});

test('much that waits runs low when enough of it was taken', async (t) => {
  const { buffer } = bufferWith(20);
  const low = buffer.runningLow(LONG_MS);
  buffer.take(1_000_000);
  t.false(await isOver(low));
  buffer.take(1_000_000);
  t.true(await isOver(low));
});

test('much that waits runs low when its partition is taken away, or the time is over', async (t) => {
  const { buffer, partition } = bufferWith(20);
  await buffer.runningLow(1);
  const low = buffer.runningLow(LONG_MS);
  partition.state = 'gone';
  buffer.dropForeign();
  t.true(await isOver(low));
  t.true(buffer.isEmpty);
});
