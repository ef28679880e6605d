import { connectionProperties } from '../../kafka/connection.js';
import { type SplitProperties, split } from '../../kafka/properties.js';
import type { KafkaInputConfig } from './config.js';

/** The properties of a member of the group. @param resolvePath makes a path absolute. */
export function memberProperties(config: KafkaInputConfig, resolvePath: (path: string) => string): SplitProperties {
  const own = split(config.librdkafka);
  // With KIP-848 the broker decides these, and librdkafka refuses them.
  const classic = own.global['group.protocol'] !== 'consumer';
  return {
    global: {
      ...(classic && {
        'partition.assignment.strategy': 'cooperative-sticky',
        'session.timeout.ms': config.session_timeout_ms,
        'heartbeat.interval.ms': Math.max(100, Math.min(3000, Math.floor(config.session_timeout_ms / 4))),
      }),
      // The poll goes on whatever the outputs do, so a member is only late when its process stands still.
      'max.poll.interval.ms': Math.max(300_000, config.session_timeout_ms),
      // A topic that is made later, or made anew, is found so soon; five minutes by default.
      'topic.metadata.refresh.interval.ms': 30_000,
      // What librdkafka holds comes beside what `buffer_bytes` holds.
      'queued.max.messages.kbytes': Math.max(1024, Math.floor(config.buffer_bytes / 1024)),
      ...own.global,
      ...connectionProperties(config, resolvePath),
      'isolation.level': config.isolation,
      'enable.partition.eof': !config.follow,
      ...(config.instance_id !== undefined && { 'group.instance.id': config.instance_id }),
      'group.id': config.group,
      'enable.auto.commit': false,
      'enable.auto.offset.store': false,
    },
    // Also with `read_from: end`, which is seen to where a partition is assigned: a committed offset that is not there any more, since the topic was
    // made anew or its messages were removed before they were read, must not jump over those that are there.
    topic: { ...own.topic, 'auto.offset.reset': 'earliest' },
  };
}
