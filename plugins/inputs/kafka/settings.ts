import type { KafkaInputConfig } from './config.js';

/** What a setting of librdkafka may be. */
export type Setting = string | number | boolean;

/** The settings of a member of the group: of the client, and those that librdkafka only reads for topics. */
export interface MemberSettings {
  readonly client: Readonly<Record<string, Setting>>;
  readonly topic: Readonly<Record<string, Setting>>;
}

/** @param connection how the brokers are reached, and the user's own settings of librdkafka, which win. */
export function memberSettings(config: KafkaInputConfig, connection: Readonly<Record<string, Setting>>): MemberSettings {
  // With KIP-848 the broker decides these, and librdkafka refuses them.
  const classic = connection['group.protocol'] !== 'consumer';
  return {
    client: {
      'client.id': 'trilog',
      ...(classic && {
        'partition.assignment.strategy': 'cooperative-sticky',
        'session.timeout.ms': config.session_timeout_ms,
        'heartbeat.interval.ms': Math.max(100, Math.min(3000, Math.floor(config.session_timeout_ms / 4))),
        // The poll goes on whatever the outputs do, so a member is only late when its process stands still.
        'max.poll.interval.ms': Math.max(300_000, config.session_timeout_ms),
      }),
      'isolation.level': config.isolation,
      // What librdkafka holds comes beside what `buffer_bytes` holds.
      'queued.max.messages.kbytes': Math.max(1024, Math.floor(config.buffer_bytes / 1024)),
      'enable.partition.eof': !config.follow,
      ...(config.instance_id !== undefined && { 'group.instance.id': config.instance_id }),
      ...connection,
      'group.id': config.group,
      'enable.auto.commit': false,
      'enable.auto.offset.store': false,
    },
    topic: { 'auto.offset.reset': config.read_from === 'beginning' ? 'earliest' : 'latest' },
  };
}
