import { METRICS, type MetricDefinition } from './metric-definitions.js';

/** The reference of the metrics, in Markdown: what docs/metrics.md holds. */
export function metricReference(): string {
  const rows = Object.values<MetricDefinition>(METRICS).map(
    ({ name, kind, labels, help }) => `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
  );
  return [
    '# Metrics',
    '',
    'What `/metrics` shows, in the text form of Prometheus, when the configuration has `telemetry:`. Beside these are the metrics of the process and',
    'of Node.js that prom-client knows (`process_*`, `nodejs_*`). This file is made from `src/telemetry/metric-definitions.ts`.',
    '',
    '| metric | kind | labels | what it says |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
