// Copies a topic as a careful user of node-rdkafka would: batches of messages, an idempotent producer, acks=all, offsets committed once a second of what
// all delivery reports have come for. Usage: kafka-copy BROKERS GROUP FROM TO MESSAGES
import Rdkafka, { type LibrdKafkaError, type Message } from 'node-rdkafka';

const [brokers = '', group = '', from = '', to = '', count = '0'] = process.argv.slice(2);
const messages = Number(count);
const PER_POLL = 1000;
const REPORTS_MS = 5;
const COMMIT_MS = 1000;

const consumer = new Rdkafka.KafkaConsumer(
  { 'bootstrap.servers': brokers, 'group.id': group, 'enable.auto.commit': false, 'enable.auto.offset.store': false },
  { 'auto.offset.reset': 'earliest' },
);
const producer = new Rdkafka.Producer({
  'bootstrap.servers': brokers,
  'enable.idempotence': true,
  'compression.codec': 'lz4',
  dr_cb: true,
});

function connect(client: InstanceType<typeof Rdkafka.KafkaConsumer | typeof Rdkafka.Producer>): Promise<void> {
  return new Promise((resolve, reject) => client.connect({}, (error) => (error ? reject(error) : resolve())));
}

function consume(most: number): Promise<Message[]> {
  return new Promise((resolve, reject) => consumer.consume(most, (error, batch) => (error ? reject(error) : resolve(batch))));
}

let sent = 0;
let acknowledged = 0;
/** Told with each report that comes. */
let reported = (): void => {};
const next = new Map<number, number>();

function report(): Promise<void> {
  return new Promise((resolve) => {
    reported = resolve;
  });
}

/** Whether the queue took it. */
function took(value: Buffer | null): boolean {
  try {
    producer.produce(to, null, value);
    sent++;
    return true;
  } catch (error) {
    if ((error as LibrdKafkaError).code === -184) return false;
    throw error;
  }
}

/** Waits for all reports, so that a commit says no more than is stored. */
async function commit(): Promise<void> {
  while (acknowledged < sent) await report();
  consumer.commit([...next].map(([partition, offset]) => ({ topic: from, partition, offset })));
}

producer.on('delivery-report', (error) => {
  if (error) throw error;
  acknowledged++;
  reported();
});
await Promise.all([connect(consumer), connect(producer)]);
producer.setPollInterval(REPORTS_MS);
consumer.setDefaultConsumeTimeout(REPORTS_MS);
consumer.subscribe([from]);

let due = performance.now() + COMMIT_MS;
while (sent < messages) {
  const batch = await consume(Math.min(PER_POLL, messages - sent));
  for (const { value, partition, offset } of batch) {
    while (!took(value)) await report();
    next.set(partition, offset + 1);
  }
  if (performance.now() < due) continue;
  await commit();
  due = performance.now() + COMMIT_MS;
}
await commit();
await new Promise<void>((resolve) => producer.disconnect(() => resolve()));
await new Promise<void>((resolve) => consumer.disconnect(() => resolve()));
