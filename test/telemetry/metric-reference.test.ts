import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { PACKAGE_ROOT } from '../../src/paths.js';
import { METRICS, type MetricDefinition } from '../../src/telemetry/metric-definitions.js';
import { metricReference } from '../../src/telemetry/metric-reference.js';

test('docs/metrics.md is what the definitions say; TRILOG_UPDATE_DOCS=1 makes it anew', (t) => {
  const file = join(PACKAGE_ROOT, 'docs', 'metrics.md');
  if (process.env['TRILOG_UPDATE_DOCS'] === '1') writeFileSync(file, metricReference());
  t.is(readFileSync(file, 'utf8'), metricReference());
});

test('names and kinds fit each other, as Prometheus wants them', (t) => {
  for (const { name, kind, help, buckets } of Object.values<MetricDefinition>(METRICS)) {
    t.regex(name, /^trilog_[a-z_]+$/);
    t.is(name.endsWith('_total'), kind === 'counter', name);
    t.regex(help, /\.$/, name);
    t.is(buckets !== undefined, kind === 'histogram', name);
  }
});
