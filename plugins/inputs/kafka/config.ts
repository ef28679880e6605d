import { z } from 'zod';
import { lineKeys } from '../../../src/config/line-keys.js';
import { MAX_TIMER_MS } from '../../../src/config/timers.js';
import { connectionKeys, connectionProblem } from '../../kafka/connection.js';
import { passedThrough } from '../../kafka/properties.js';

/** Properties that trilog sets, or that have a key: what it guarantees rests on them. */
const OWNED: Readonly<Record<string, string>> = {
  'enable.auto.commit': 'nothing: offsets are committed when their records are stored',
  'enable.auto.offset.store': 'nothing: offsets are committed when their records are stored',
  'enable.partition.eof': '`follow`',
  'group.id': '`group`',
  'group.instance.id': '`instance_id`',
  'auto.offset.reset': '`read_from`',
  'isolation.level': '`isolation`',
};

/** The keys of the `kafka` input. */
export const config = z
  .strictObject({
    ...connectionKeys,
    topics: z
      .array(z.string().min(1))
      .min(1)
      .describe('Topics to read. One that begins with `^` is a regular expression for names: `^openstack\\..*`.'),
    group: z.string().min(1).describe('The consumer group: agents with the same one share the partitions, and go on where it has come to.'),
    read_from: z
      .enum(['end', 'beginning'])
      .default('end')
      .describe('Where to start in a partition of which the group has read nothing yet.'),
    follow: z
      .boolean()
      .default(true)
      .describe('Wait for more. `false` reads each partition to the end that it has at the start, and finishes.'),
    codec: z
      .enum(['auto', 'lines'])
      .default('auto')
      .describe(
        'What a message holds. `auto`: a line, or a record with newlines in it, by itself or as Filebeat or OpenTelemetry (JSON) bring it. `lines`: lines, each by itself.',
      ),
    format: lineKeys.format,
    timezone: lineKeys.timezone,
    host: lineKeys.host,
    host_from_header: z.string().min(1).optional().describe('Header of a message that names the host of its lines.'),
    program: lineKeys.program,
    cluster: z
      .string()
      .max(255)
      .default('')
      .describe(
        "A name for the cluster, part of the records' ids: needed only where topics of the same name are read from several clusters.",
      ),
    max_message_bytes: z.int().min(16).default(1_048_576).describe('Longer values are cut here, and their records marked as cut.'),
    max_open_keys: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1000)
      .describe('Keys of a partition whose lines may be joined at once. What was quiet longest is completed when there are more.'),
    buffer_bytes: z
      .int()
      .min(65_536)
      .default(33_554_432)
      .describe('Messages held for the pipeline. When there are more, partitions are paused until half is gone; the group is not left.'),
    commit_interval_ms: z.int().min(10).max(MAX_TIMER_MS).default(1000).describe('How often offsets are committed.'),
    session_timeout_ms: z
      .int()
      .min(1000)
      .max(3_600_000)
      .default(45_000)
      .describe('A member that is not heard of for so long loses its partitions. The brokers set bounds to it.'),
    instance_id: z
      .string()
      .min(1)
      .optional()
      .describe('Makes the membership static: a restart within the session timeout moves no partition. Each agent needs its own.'),
    isolation: z
      .enum(['read_committed', 'read_uncommitted'])
      .default('read_committed')
      .describe('Whether messages of transactions that are not committed are read.'),
    librdkafka: passedThrough(OWNED)
      .default({})
      .describe("further properties of librdkafka, by its own names, `group.protocol: consumer` too; trilog's own cannot be given"),
  })
  .check(({ value, issues }) => {
    const problem = connectionProblem(value);
    if (problem !== null) issues.push({ code: 'custom', message: problem, input: value });
  });

export type KafkaInputConfig = z.infer<typeof config>;
