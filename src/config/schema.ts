import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { whenSchema } from '../pipeline/route.js';
import { MEMORY_TABLE } from '../plugin/registry.js';
import { EXECUTION_PROVIDERS } from '../stages/bert/protocol.js';
import { llmSchema } from '../stages/llm/config.js';
import { logSchema } from '../telemetry/log-config.js';
import { MAX_TIMER_MS } from './timers.js';

/** Names become folders below `data_dir` and words in logs. */
const name = z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/, 'a name of lower-case letters, digits, - and _');

/** What every component has; the rest of its keys are its plugin's. */
const component = z.looseObject({
  type: z.string().min(1).describe('a built-in type (`trilog list`), a package name, or a path that starts with ./ or /'),
});

export const pipelineSchema = z
  .strictObject({
    max_in_flight_bytes: z
      .int()
      .min(65_536)
      .default(16_777_216)
      .describe('about what was read but is not stored yet: its text, and 512 bytes a record'),
    max_write_bytes: z.int().min(65_536).default(2_097_152).describe('log text that goes to an output in one write'),
    multiline_pause_ms: z.int().min(10).max(MAX_TIMER_MS).default(500).describe('a record that heard nothing for so long is complete'),
    multiline_max_lines: z.int().min(1).default(1000).describe('lines that are joined to one record; further ones are cut off'),
    multiline_max_bytes: z.int().min(1024).default(1_048_576).describe('size up to which lines are joined to one record'),
    stop_timeout_ms: z
      .int()
      .min(0)
      .default(10_000)
      .describe('how long a stop waits for outputs; what is unsettled then is read again at the next start'),
  })
  .describe('bounds of the pipeline');

const share = z.number().min(0).max(1);

export const bertSchema = z
  .strictObject({
    model: z.string().min(1).default('openstack').describe('`openstack`, the model that comes with trilog, or the folder of another'),
    min_confidence: share.optional().describe("how sure the model must be; where it is absent, the model's own values by label are taken"),
    min_confidence_by_label: z.record(z.string(), share).default({}).describe('the same for single labels; it wins'),
    threads: z
      .int()
      .min(1)
      .max(64)
      .default(Math.min(2, availableParallelism()))
      .describe('cores that one inference may use; at most 2 where it is absent'),
    max_tokens: z.int().min(8).max(512).optional().describe('longest text in word pieces; longer ones are cut'),
    execution_providers: z
      .array(z.enum(EXECUTION_PROVIDERS))
      .min(1)
      .default(['cpu'])
      .describe('what the model runs on, in order of preference; without the libraries of CUDA it is the CPU'),
  })
  .describe('the classifier of templates that neither rules nor known statements answer; `false` for none');

export const memorySchema = z
  .strictObject({
    max_entries: z.int().min(100).default(100_000).describe('templates that are remembered; those not used for longest go first'),
    max_bytes: z.int().min(1_048_576).default(67_108_864).describe('the same in bytes on disk'),
    topic: MEMORY_TABLE.config
      .optional()
      .describe(
        'compacted Kafka topic in which agents tell each other what the language model answered, as `name`, `brokers`, `tls`, `sasl` …; off where it is absent',
      ),
  })
  .describe('answers of the models by template, so that each is asked for once');

export const deadLettersSchema = z
  .strictObject({
    max_bytes: z
      .int()
      .min(65_536)
      .default(1_073_741_824)
      .describe('all dead letters together; past it the inputs are held back until `trilog replay --remove` has made room'),
    rotate_bytes: z.int().min(4096).default(67_108_864).describe('size past which a new file is begun'),
  })
  .describe('what outputs refuse for good, kept in `data_dir`');

export const telemetrySchema = z
  .strictObject({
    listen: z
      .string()
      .regex(/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'host:port, such as 127.0.0.1:9598')
      .refine((listen) => Number(listen.slice(listen.lastIndexOf(':') + 1)) <= 65_535, 'a port of at most 65535')
      .default('127.0.0.1:9598')
      .describe('host and port of the page /, /metrics, /status, /livez, /readyz and /tap; anybody who reaches it can read them'),
    tap: z
      .boolean()
      .default(false)
      .describe(
        'whether `trilog tap` is shown records there; off, because log text may hold secrets that whoever reaches the address could then read',
      ),
  })
  .describe('what the agent shows of itself; nothing where it is absent');

export const configSchema = z.strictObject({
  data_dir: z.string().min(1).default('/var/lib/trilog').describe('where checkpoints and dead letters are kept; one agent each'),
  host: z.string().min(1).optional().describe("name of this host in records; the machine's own where it is absent"),
  inputs: z
    .record(name, component)
    .refine((inputs) => Object.keys(inputs).length > 0, 'at least one input')
    .describe('where records come from, by a name of yours'),
  classify: z
    .strictObject({
      taxonomy: z.string().optional().describe('file of your own labels in place of the ones that come with trilog'),
      rules: z
        .strictObject({
          packs: z
            .array(z.enum(['openstack']))
            .default(['openstack'])
            .describe('rule packs that come with trilog'),
          files: z.array(z.string().min(1)).default([]).describe('rule files of yours, as globs; they win over the packs'),
        })
        .prefault({})
        .describe('the first stage'),
      known: z
        .boolean()
        .default(true)
        .describe('whether records are looked up among the labelled statements of OpenStack, after the rules'),
      bert: z
        .union([z.literal(false), bertSchema])
        .optional()
        .describe(bertSchema.description ?? ''),
      llm: llmSchema.optional(),
      memory: memorySchema.prefault({}),
    })
    .refine(({ llm, memory }) => memory.topic === undefined || llm !== undefined, {
      path: ['memory', 'topic'],
      error: 'it is for the answers of the language model, which is not configured: `classify.llm` is needed, too',
    })
    .prefault({})
    .describe('the cascade'),
  outputs: z
    .record(name, component.extend({ when: whenSchema.optional() }))
    .refine((outputs) => Object.keys(outputs).length > 0, 'at least one output')
    .describe('where records go, by a name of yours'),
  dead_letters: deadLettersSchema.prefault({}),
  pipeline: pipelineSchema.prefault({}),
  telemetry: telemetrySchema.optional(),
  log: logSchema.prefault({}),
});

export type FileConfig = z.output<typeof configSchema>;
