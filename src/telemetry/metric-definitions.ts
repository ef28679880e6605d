/** What a metric is, for whoever reads it: docs/metrics.md is made from these. Names and units follow https://prometheus.io/docs/practices/naming/. */
export interface MetricDefinition {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, in its unit. */
  readonly buckets?: readonly number[];
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export const METRICS = {
  info: { kind: 'gauge', name: 'trilog_info', help: 'Always 1; the version is a label.', labels: ['version'] },
  ready: {
    kind: 'gauge',
    name: 'trilog_ready',
    help: '1 while all inputs and outputs are open and nobody has asked for a stop.',
    labels: [],
  },
  inputRecords: { kind: 'counter', name: 'trilog_input_records_total', help: 'Records that were decoded.', labels: ['input'] },
  inputBytes: {
    kind: 'counter',
    name: 'trilog_input_bytes_total',
    help: 'About the text of the records that were decoded, and 512 bytes for each.',
    labels: ['input'],
  },
  inputLagBytes: {
    kind: 'gauge',
    name: 'trilog_input_lag_bytes',
    help: 'Bytes that are in the files of an input and not stored yet; of a compressed file only what was read of it.',
    labels: ['input'],
  },
  inputLagMessages: {
    kind: 'gauge',
    name: 'trilog_input_lag_messages',
    help: 'Messages from the first that is not stored to the end of each partition, as the last fetch knew it; marks of transactions count.',
    labels: ['input'],
  },
  inputBehind: {
    kind: 'gauge',
    name: 'trilog_input_behind_seconds',
    help: 'Between the time in the newest stored record of an input and now; grows while nothing is logged, too, so look at it beside the lag.',
    labels: ['input'],
  },
  outputRecords: { kind: 'counter', name: 'trilog_output_records_total', help: 'Records that an output has stored.', labels: ['output'] },
  deadLetters: {
    kind: 'counter',
    name: 'trilog_output_dead_letters_total',
    help: 'Records that an output refused for good; they are kept in data_dir.',
    labels: ['output'],
  },
  retries: { kind: 'counter', name: 'trilog_output_retries_total', help: 'Writes that failed and were tried again.', labels: ['output'] },
  amended: {
    kind: 'counter',
    name: 'trilog_output_amended_total',
    help: 'Stored records that got the label which the language model found later.',
    labels: ['output'],
  },
  unamended: {
    kind: 'counter',
    name: 'trilog_output_unamended_total',
    help: 'Stored records to which a late label could not be brought.',
    labels: ['output'],
  },
  outputQueue: {
    kind: 'gauge',
    name: 'trilog_output_queue_records',
    help: 'Records that an output has been given and has not settled.',
    labels: ['output'],
  },
  outputFailing: {
    kind: 'gauge',
    name: 'trilog_output_failing',
    help: '1 while the last write of an output has failed and is tried again.',
    labels: ['output'],
  },
  componentEvents: {
    kind: 'counter',
    name: 'trilog_component_events_total',
    help: 'What an input or output counts besides, by the name it has in its README, such as rotations or lines_cut.',
    labels: ['kind', 'component', 'event'],
  },
  stages: {
    kind: 'counter',
    name: 'trilog_stage_records_total',
    help: 'Records by the stage that labelled them; none: they left as unclassified.',
    labels: ['stage'],
  },
  labels: { kind: 'counter', name: 'trilog_label_records_total', help: 'Records by label.', labels: ['label'] },
  events: {
    kind: 'counter',
    name: 'trilog_events_total',
    help: 'What the cascade counts besides, such as templates found in the memory.',
    labels: ['event'],
  },
  inFlight: {
    kind: 'gauge',
    name: 'trilog_in_flight_bytes',
    help: 'About what was read and is not stored yet; at pipeline.max_in_flight_bytes reading stops.',
    labels: [],
  },
  inFlightLimit: { kind: 'gauge', name: 'trilog_in_flight_limit_bytes', help: 'pipeline.max_in_flight_bytes.', labels: [] },
  llmCalls: { kind: 'counter', name: 'trilog_llm_calls_total', help: 'Requests to the language model.', labels: [] },
  llmTemplates: { kind: 'counter', name: 'trilog_llm_templates_total', help: 'Templates that it was asked about.', labels: [] },
  llmTokens: { kind: 'counter', name: 'trilog_llm_tokens_total', help: 'Tokens of questions and answers.', labels: [] },
  llmCost: {
    kind: 'counter',
    name: 'trilog_llm_cost_total',
    help: 'Cost by classify.llm.price_per_million_tokens, in its currency.',
    labels: [],
  },
  llmSeconds: { kind: 'counter', name: 'trilog_llm_seconds_total', help: 'Time that requests took, together.', labels: [] },
  llmCacheHits: {
    kind: 'counter',
    name: 'trilog_llm_cache_hits_total',
    help: 'Records that got an answer of the language model out of the memory.',
    labels: [],
  },
  llmRejected: { kind: 'counter', name: 'trilog_llm_rejected_total', help: 'Answers that were not taken.', labels: ['reason'] },
  llmFailed: { kind: 'counter', name: 'trilog_llm_failed_total', help: 'Requests that failed.', labels: ['reason'] },
  settled: {
    kind: 'histogram',
    name: 'trilog_settle_seconds',
    help: 'From when a batch had been decoded to when every output had stored it.',
    labels: ['input'],
    buckets: SECONDS,
  },
  classified: {
    kind: 'histogram',
    name: 'trilog_classify_seconds',
    help: 'What the cascade took for a batch, waiting for models included.',
    labels: [],
    buckets: SECONDS,
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricKey = keyof typeof METRICS;
