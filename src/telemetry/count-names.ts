import type { MetricKey } from './metric-definitions.js';

/** Of which metric a count of the tally is a part, and under which labels. */
export interface Sample {
  readonly metric: MetricKey;
  readonly labels: Readonly<Record<string, string>>;
  /** What to multiply the count with, for the metric's unit. */
  readonly scale: number;
}

const OF_INPUTS: Readonly<Record<string, MetricKey>> = { records: 'inputRecords', bytes: 'inputBytes' };
const OF_OUTPUTS: Readonly<Record<string, MetricKey>> = {
  records: 'outputRecords',
  dead_letters: 'deadLetters',
  retries: 'retries',
  amended: 'amended',
  unamended: 'unamended',
};
const OF_THE_LLM: Readonly<Record<string, readonly [MetricKey, number]>> = {
  calls: ['llmCalls', 1],
  templates: ['llmTemplates', 1],
  tokens: ['llmTokens', 1],
  cost: ['llmCost', 1],
  latency_ms: ['llmSeconds', 0.001],
  cache_hits: ['llmCacheHits', 1],
};
const LLM_REASONS: Readonly<Record<string, MetricKey>> = { rejected: 'llmRejected', failed: 'llmFailed' };

/** By a count's name, as `inputs.NAME.EVENT`, `outputs.NAME.EVENT`, `llm.EVENT[.REASON]`, or anything else. */
export function sampleOf(count: string): Sample {
  const [area = '', second = '', ...rest] = count.split('.');
  const event = rest.join('.');
  if (area === 'inputs' && event !== '') return ofComponent('input', second, event, OF_INPUTS[event]);
  if (area === 'outputs' && event !== '') return ofComponent('output', second, event, OF_OUTPUTS[event]);
  if (area === 'llm') {
    const reasons = event === '' ? undefined : LLM_REASONS[second];
    if (reasons !== undefined) return { metric: reasons, labels: { reason: event }, scale: 1 };
    const [metric, scale] = event === '' ? (OF_THE_LLM[second] ?? []) : [];
    if (metric !== undefined && scale !== undefined) return { metric, labels: {}, scale };
  }
  return { metric: 'events', labels: { event: count }, scale: 1 };
}

function ofComponent(kind: 'input' | 'output', component: string, event: string, own: MetricKey | undefined): Sample {
  if (own !== undefined) return { metric: own, labels: { [kind]: component }, scale: 1 };
  return { metric: 'componentEvents', labels: { kind, component, event }, scale: 1 };
}
