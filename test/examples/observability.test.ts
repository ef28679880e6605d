import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { PACKAGE_ROOT } from '../../src/paths.js';
import { METRICS, type MetricDefinition } from '../../src/telemetry/metric-definitions.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { Standing } from '../../src/telemetry/standing.js';
import { Tally } from '../../src/telemetry/tally.js';
import { askedBy } from './promql.js';

/** Where a metric or a label is named, and what else stands there for people. */
interface Query {
  readonly where: string;
  readonly expression: string;
  readonly words: string;
}

/** Labels that Prometheus itself gives. */
const OF_A_TARGET = ['job', 'instance'];
/** Label that an expression of these may be grouped by, beside those of its metrics. */
const OF_HISTOGRAMS = ['le'];

function alerts(): Query[] {
  interface Rule {
    readonly alert: string;
    readonly expr: string;
    readonly annotations: Readonly<Record<string, string>>;
  }
  const { groups } = parse(read('prometheus', 'alerts.yaml')) as { groups: { rules: Rule[] }[] };
  return groups.flatMap(({ rules }) =>
    rules.map(({ alert, expr, annotations }) => ({ where: alert, expression: expr, words: Object.values(annotations).join('\n') })),
  );
}

function panels(): Query[] {
  interface Panel {
    readonly title: string;
    readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
  }
  const dashboard = JSON.parse(read('grafana', 'trilog.json')) as {
    panels: Panel[];
    templating: { list: { name: string; definition?: string }[] };
  };
  const shown = dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({ where: title, expression: expr, words: legendFormat })),
  );
  const variables = dashboard.templating.list.flatMap(({ name, definition }) => {
    const [, series = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(definition ?? '') ?? [];
    return definition === undefined ? [] : [{ where: `$${name}`, expression: `sum by (${label}) (${series})`, words: '' }];
  });
  return [...shown, ...variables];
}

function read(...path: string[]): string {
  return readFileSync(join(PACKAGE_ROOT, 'examples', ...path), 'utf8');
}

/** By name, as an agent shows them; a histogram under the names of its parts. */
async function labelsByMetric(): Promise<ReadonlyMap<string, readonly string[]>> {
  const own = Object.values<MetricDefinition>(METRICS).flatMap(({ kind, name, labels }): [string, readonly string[]][] =>
    kind === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => [`${name}${part}`, labels]) : [[name, labels]],
  );
  const shown = await new Metrics(new Standing(new Tally(), { bytes: 0, maxBytes: 1 })).text();
  const ofTheProcess = [...shown.matchAll(/^# TYPE ((?:process|nodejs)_\w+) /gm)].map(([, name = '']): [string, string[]] => [name, []]);
  return new Map([...own, ...ofTheProcess, ['up', []]]);
}

/** What of a query is not there. */
function unknownIn({ expression, words }: Query, known: ReadonlyMap<string, readonly string[]>): string[] {
  const { metrics, grouped } = askedBy(expression);
  const ofAll = new Set([...OF_A_TARGET, ...OF_HISTOGRAMS, ...metrics.flatMap(({ name }) => known.get(name) ?? [])]);
  const named = [...words.matchAll(/\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}/g)].map(([, label = '']) => label);
  return [
    ...metrics.flatMap(({ name, labels }) => {
      const own = known.get(name);
      return own === undefined
        ? [name]
        : labels.filter((label) => ![...own, ...OF_A_TARGET].includes(label)).map((label) => `${name}{${label}}`);
    }),
    ...[...grouped, ...named].filter((label) => !ofAll.has(label)),
  ];
}

test('every metric and label of the alert rules is defined', async (t) => {
  const known = await labelsByMetric();
  t.true(alerts().length > 0);
  for (const alert of alerts()) t.deepEqual(unknownIn(alert, known), [], alert.where);
});

test('every metric and label of the dashboard is defined', async (t) => {
  const known = await labelsByMetric();
  t.true(panels().length > 0);
  for (const panel of panels()) t.deepEqual(unknownIn(panel, known), [], panel.where);
});

test('every metric of an agent is in the dashboard, but those that say little over time', (t) => {
  const shown = new Set(panels().flatMap(({ expression }) => askedBy(expression).metrics.map(({ name }) => name.replace(/_bucket$/, ''))));
  const left = Object.values(METRICS).flatMap(({ name }) => (shown.has(name) ? [] : [name]));
  t.deepEqual(left, [
    'trilog_output_amended_total',
    'trilog_output_unamended_total',
    'trilog_events_total',
    'trilog_llm_templates_total',
    'trilog_llm_cost_total',
    'trilog_llm_seconds_total',
  ]);
});

test('labels that are asked for by value are those of the taxonomy and the stages', (t) => {
  const { labels } = parse(readFileSync(join(PACKAGE_ROOT, 'models', 'taxonomy.yaml'), 'utf8')) as { labels: { label: string }[] };
  const stages = Object.keys(new Tally().stages);
  for (const { where, expression } of [...alerts(), ...panels()])
    for (const [, name = '', value = ''] of expression.matchAll(/\b(label|stage)=~?"([^"]*)"/g))
      for (const part of value.split('|')) {
        const matches = new RegExp(`^(?:${part})$`);
        t.true(
          (name === 'stage' ? stages : labels.map(({ label }) => label)).some((one) => matches.test(one)),
          `${where}: ${part}`,
        );
      }
});

test('what is not there is found', async (t) => {
  const known = await labelsByMetric();
  const found = (expression: string, words = ''): string[] => unknownIn({ where: '', expression, words }, known);
  t.deepEqual(found('rate(trilog_input_record_total{job="a"}[5m])'), ['trilog_input_record_total']);
  t.deepEqual(found('sum by (output) (rate(trilog_input_records_total{stage="none"}[5m]))', '{{ $labels.nobody }}'), [
    'trilog_input_records_total{stage}',
    'output',
    'nobody',
  ]);
  t.deepEqual(found('trilog_settle_seconds > 1 and on (job) trilog_ready'), ['trilog_settle_seconds']);
});

test('the ids and places of the panels are their own', (t) => {
  const { panels } = JSON.parse(read('grafana', 'trilog.json')) as {
    panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[];
  };
  t.is(new Set(panels.map(({ id }) => id)).size, panels.length);
  for (const [i, { gridPos: a }] of panels.entries()) {
    t.true(a.x + a.w <= 24);
    for (const { gridPos: b } of panels.slice(i + 1))
      t.false(a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h, `${JSON.stringify(a)} ${JSON.stringify(b)}`);
  }
});
