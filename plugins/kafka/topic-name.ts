import { z } from 'zod';

/** Names that Kafka takes for topics (org.apache.kafka.common.internals.Topic). */
export const topicName = z.string().regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, 'a name of at most 249 letters, digits, . _ and -');
