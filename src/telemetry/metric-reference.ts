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
    '`examples/grafana/trilog.json` is a dashboard of them, `examples/prometheus/alerts.yaml` are alert rules; both want a scrape job named `trilog`:',
    '',
    '```yaml',
    'scrape_configs:',
    '  - { job_name: trilog, static_configs: [{ targets: ["127.0.0.1:9598"] }] }',
    '```',
    '',
    '| metric | kind | labels | what it says |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
