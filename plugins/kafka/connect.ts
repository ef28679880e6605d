import { setTimeout as pause } from 'node:timers/promises';
import type { KafkaConsumer, Producer } from 'node-rdkafka';
import { type Fault, inWords, reasonOf } from './words.js';

/** A connection could not be made, or what it is for is not there. */
export class KafkaFault extends Error {
  override readonly name = 'KafkaFault';
  constructor(
    readonly fault: Fault,
    options?: ErrorOptions,
  ) {
    super(fault.text, options);
  }
}

/** What went wrong, whatever was thrown: librdkafka's own errors are not always an `Error`. */
export function faultOf(error: unknown): Fault {
  if (error instanceof KafkaFault) return error.fault;
  return inWords(error instanceof Error ? error.message : String((error as { message?: unknown } | null)?.message ?? error));
}

type Client = Producer | KafkaConsumer;

/** Severities of its log, as syslog has them: this one and below is worth a reason. */
const WARNING = 4;
/** Of a line that is only for information, since brokers close idle connections too: this one was closed on its first request. */
const HUNG_UP = 'in state APIVERSION_QUERY';
/** Lines kept for the reason. */
const KEPT = 50;
/** `disconnect` may wait for brokers that are gone, in milliseconds. */
const CLOSE_MS = 10_000;

/**
 * Tells `said` every line of librdkafka's log that is a warning or worse, and every error event. Of a failed `connect` the reason is in the log
 * alone: the call itself says "broker transport failure" of a wrong password, too.
 * @returns what stops the listening.
 */
export function listen(client: Client, said: (text: string) => void): () => void {
  const log = (line: { readonly severity?: number; readonly message?: string }) => {
    if (typeof line.message === 'string' && ((line.severity ?? 7) <= WARNING || line.message.includes(HUNG_UP))) said(line.message);
  };
  const error = (event: { readonly message: string }) => said(event.message);
  // The overloads of the two kinds of client are the same for these events.
  const emitter: NodeJS.EventEmitter = client;
  emitter.on('event.log', log).on('event.error', error);
  return () => void emitter.off('event.log', log).off('event.error', error);
}

/**
 * Resolves when a broker has answered. node-rdkafka gives up after the time and closes the client, which then is of no more use: each try needs a new one.
 * @throws KafkaFault with the reason in words.
 */
export async function connected(client: Client, timeoutMs: number): Promise<void> {
  const said: string[] = [];
  const deaf = listen(client, (text) => {
    said.push(text);
    if (said.length > KEPT) said.shift();
  });
  try {
    await new Promise<void>((resolve, reject) => {
      client.connect({ allTopics: false, timeout: timeoutMs }, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String((cause as { message?: unknown }).message ?? cause);
    // Events of the library's own threads come a turn later.
    await new Promise((resolve) => setImmediate(resolve));
    throw new KafkaFault(reasonOf([message, ...said]) ?? inWords(message), { cause });
  } finally {
    deaf();
  }
}

/** A broker that makes topics when they are asked for has none of its partitions in its first answer, and may take some time, in milliseconds. */
const MAKING_MS = [200, 800];

/** @throws KafkaFault where the topic is not there or may not be seen, or no broker answers in time. */
export async function topicIsThere(client: Client, topic: string, timeoutMs: number): Promise<void> {
  for (const pauseMs of [...MAKING_MS, null]) {
    if ((await partitionsOf(client, topic, timeoutMs)) > 0) return;
    if (pauseMs !== null) await pause(pauseMs);
  }
  throw new KafkaFault({ kind: 'topic_missing', text: `there is no topic "${topic}", or this user may not see it` });
}

/** How many partitions the topic has; 0 where it is not there or may not be seen. @throws KafkaFault where no broker answers in time. */
export function partitionsOf(client: Client, topic: string, timeoutMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    client.getMetadata({ topic, allTopics: false, timeout: timeoutMs }, (error, metadata) => {
      if (error) reject(new KafkaFault(inWords(error.message), { cause: error }));
      else resolve(metadata.topics.find(({ name }) => name === topic)?.partitions.length ?? 0);
    });
  });
}

/** Closes the client within a bound. No call on it may be under way. A producer waits `flushMs` for what is under way. */
export async function disconnected(client: Client, { flushMs = 0 }: { readonly flushMs?: number } = {}): Promise<void> {
  if (!client.isConnected()) return;
  let late: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    late = setTimeout(resolve, CLOSE_MS + flushMs);
    if ('flush' in client) client.disconnect(flushMs, () => resolve());
    else client.disconnect(() => resolve());
  });
  clearTimeout(late);
}
