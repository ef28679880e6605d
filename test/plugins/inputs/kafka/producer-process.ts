/**
 * A producer in a process of its own, since node-rdkafka cannot be loaded in a worker thread: to a broker, or to a cluster that librdkafka imitates
 * here. Told what to do by messages of its parent.
 */
import rdkafka from 'node-rdkafka';
import type { Order, Told } from './producer.js';

const bootstrap = process.argv[2] ?? '';
const cluster = bootstrap === '' ? { 'test.mock.num.brokers': 1 } : { 'bootstrap.servers': bootstrap, 'enable.idempotence': true };
const settings: object = { ...cluster, 'queue.buffering.max.messages': 1_000_000, dr_cb: true };
const producer = new rdkafka.Producer(settings, { acks: -1 });

function tell(told: Told): void {
  process.send?.(told);
}

let open = 0;
let failed = '';
let asked = -1;

function answerIfDone(): void {
  if (asked < 0 || open > 0) return;
  tell({ id: asked, error: failed });
  asked = -1;
  failed = '';
}

producer.on('delivery-report', (error) => {
  open--;
  if (error) failed = error.message;
  answerIfDone();
});
producer.setPollInterval(5);
producer.connect({ timeout: 20_000, allTopics: true }, (error, metadata) => {
  if (error) throw error;
  const [broker] = metadata.brokers;
  tell({ bootstrap: `${broker?.host}:${broker?.port}` });
});

function produce({ id, topic, messages }: Order, from = 0): void {
  asked = -1;
  for (let i = from; i < messages.length; i++) {
    const { partition, value, key, headers = {} } = messages[i] ?? { partition: 0, value: null };
    try {
      const list = Object.entries(headers).map(([name, text]) => ({ [name]: Buffer.from(text) }));
      producer.produce(topic, partition, value === null ? null : Buffer.from(value, 'latin1'), key ?? null, null, null, list);
      open++;
    } catch (error) {
      // Its queue is full.
      if (!String(error).includes('full')) throw error;
      setTimeout(() => produce({ id, topic, messages }, i), 20);
      return;
    }
  }
  asked = id;
  answerIfDone();
}

process.on('message', (order: Order) => produce(order));
process.on('disconnect', () => process.exit(0));
