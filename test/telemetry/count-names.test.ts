import test from 'ava';
import { sampleOf } from '../../src/telemetry/count-names.js';
import { METRICS } from '../../src/telemetry/metric-definitions.js';

const NAMES: readonly (readonly [string, ReturnType<typeof sampleOf>])[] = [
  ['inputs.nova.records', { metric: 'inputRecords', labels: { input: 'nova' }, scale: 1 }],
  ['inputs.nova.lines_cut', { metric: 'componentEvents', labels: { kind: 'input', component: 'nova', event: 'lines_cut' }, scale: 1 }],
  ['outputs.os.dead_letters', { metric: 'deadLetters', labels: { output: 'os' }, scale: 1 }],
  [
    'outputs.os.refused.http_400',
    { metric: 'componentEvents', labels: { kind: 'output', component: 'os', event: 'refused.http_400' }, scale: 1 },
  ],
  ['llm.latency_ms', { metric: 'llmSeconds', labels: {}, scale: 0.001 }],
  ['llm.rejected.unsure', { metric: 'llmRejected', labels: { reason: 'unsure' }, scale: 1 }],
  ['llm.failed.http_500', { metric: 'llmFailed', labels: { reason: 'http_500' }, scale: 1 }],
  ['llm.something', { metric: 'events', labels: { event: 'llm.something' }, scale: 1 }],
  ['memory.found', { metric: 'events', labels: { event: 'memory.found' }, scale: 1 }],
  ['inputs', { metric: 'events', labels: { event: 'inputs' }, scale: 1 }],
];

for (const [name, expected] of NAMES)
  test(`the count ${name} is ${METRICS[expected.metric].name}`, (t) => {
    const sample = sampleOf(name);
    t.deepEqual(sample, expected);
    t.deepEqual(Object.keys(sample.labels), [...METRICS[sample.metric].labels]);
  });
