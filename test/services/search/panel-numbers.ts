import type { Engine, ProfileName } from '../../../plugins/outputs/search/client.js';
import { aggregationIds, searchOf } from '../../../plugins/outputs/search/setup/panel-search.js';
import { type Panel, panelsOf } from '../../../plugins/outputs/search/setup/panels.js';
import { labelSetsOf } from '../../../src/commands/setup-labels.js';
import { loadTaxonomy } from '../../../src/stages/taxonomy.js';
import { ask } from './every-document.js';
import { DAY } from './small-cloud.js';

/** Rows by name, in their order; those without records are left out. */
export type Rows = Readonly<Record<string, unknown>>;

interface Row {
  readonly key?: string;
  readonly key_as_string?: string;
  readonly doc_count: number;
  readonly [aggregation: string]: unknown;
}

/** What every panel of a profile shows for {@link DAY}, an hour a bucket, by the server's answers to the panels' searches. */
export async function panelNumbers(server: { readonly url: string; readonly engine: Engine }, profile: ProfileName, index: string) {
  const numbers: Record<string, Rows> = {};
  for (const panel of panelsOf(profile, labelSetsOf(loadTaxonomy()))) {
    const window = { index, from: `${DAY}T00:00:00Z`, to: `${DAY}T23:59:59Z`, interval: '1h' };
    const { path, body } = searchOf(panel, window);
    const { aggregations } = (await ask(server, 'POST', path, body)) as { aggregations: Rows };
    numbers[panel.id] = rowsOf(panel, aggregations, 0);
  }
  return numbers;
}

function rowsOf(panel: Panel, aggregations: Rows, depth: number): Rows {
  const { buckets } = aggregations[aggregationIds(panel).buckets[depth] ?? ''] as { buckets: Row[] | Record<string, Row> };
  const named = Array.isArray(buckets) ? buckets.map((row) => [keyOf(row), row] as const) : Object.entries(buckets);
  const rows = named.filter(([, { doc_count: records }]) => records > 0);
  return Object.fromEntries(rows.map(([key, row]) => [exampleOf(panel, row) ?? key, toldOf(panel, row, depth)]));
}

function keyOf({ key, key_as_string: time }: Row): string {
  return time === undefined ? String(key) : minuteOf(time);
}

/** How many records, and the time of the newest where the panel tells it; the rows within, where there are some. */
function toldOf(panel: Panel, row: Row, depth: number): unknown {
  const { newest: id } = aggregationIds(panel);
  const newest = id === undefined ? undefined : minuteOf((row[id] as { value_as_string: string }).value_as_string);
  const records = row.doc_count;
  if (depth + 1 === panel.buckets.length) return newest === undefined ? records : [records, newest];
  const of = rowsOf(panel, row, depth + 1);
  return newest === undefined ? of : { records, newest, of };
}

/** The text that stands for a row whose key says nothing to people. */
function exampleOf(panel: Panel, row: Row): string | undefined {
  const at = panel.metrics.findIndex(({ of }) => of === 'example');
  if (at < 0) return undefined;
  const top = row[aggregationIds(panel).metrics[at] ?? ''] as { hits: { hits: { _source: { trilog: { template: string } } }[] } };
  return top.hits.hits[0]?._source.trilog.template;
}

function minuteOf(time: string): string {
  return time.slice(11, 16);
}
