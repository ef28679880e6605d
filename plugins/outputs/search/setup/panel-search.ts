import type { Bucket, Metric, Panel } from './panels.js';

/** Of which index, and of which time, records are asked for. */
export interface Window {
  /** Name or pattern of what is searched. */
  readonly index: string;
  /** ISO 8601, or a date as the servers count them (`now-24h`). */
  readonly from: string;
  readonly to: string;
  /** How long a bucket of time is, such as `30m`. The dashboards choose it by the window. */
  readonly interval: string;
}

/** The search that a dashboard makes for a panel: the path, and the body of a `POST`. Aggregations are named as {@link aggregationIds} says. */
export function searchOf(panel: Panel, { index, from, to, interval }: Window): { readonly path: string; readonly body: object } {
  const range = { range: { '@timestamp': { gte: from, lte: to } } };
  const filter = panel.query === '' ? [range] : [range, queryString(panel.query)];
  const ids = aggregationIds(panel);
  const metrics = Object.fromEntries(panel.metrics.map((metric, i) => [ids.metrics[i], metricAggregation(metric)]));
  // Metrics are asked for at each depth: buckets may be sorted by them.
  let aggs: Readonly<Record<string, object>> = {};
  for (const [i, bucket] of [...panel.buckets.entries()].reverse()) {
    const nested = { ...metrics, ...aggs };
    const own = bucketAggregation(bucket, interval, ids.newest);
    aggs = { [ids.buckets[i] ?? '']: Object.keys(nested).length === 0 ? own : { ...own, aggs: nested } };
  }
  return { path: `/${encodeURIComponent(index)}/_search`, body: { size: 0, track_total_hits: true, query: { bool: { filter } }, aggs } };
}

/** By which names a panel's aggregations go, in the dashboard and in the search: `1` is the count, which is no aggregation. */
export function aggregationIds({ metrics, buckets }: Panel): {
  readonly metrics: readonly string[];
  readonly buckets: readonly string[];
  /** That of the metric `newest`; undefined without. */
  readonly newest: string | undefined;
} {
  const ofMetrics = metrics.map((_, i) => String(i + 2));
  const ofBuckets = buckets.map((_, i) => String(i + 2 + metrics.length));
  return { metrics: ofMetrics, buckets: ofBuckets, newest: ofMetrics[metrics.findIndex((metric) => metric.of === 'newest')] };
}

function bucketAggregation(bucket: Bucket, interval: string, newest: string | undefined): object {
  switch (bucket.by) {
    case 'time':
      return { date_histogram: { field: '@timestamp', fixed_interval: interval, time_zone: 'UTC', min_doc_count: 1 } };
    case 'terms': {
      const order = bucket.newestFirst === true && newest !== undefined ? { [newest]: 'desc' } : { _count: 'desc' };
      return { terms: { field: bucket.field, size: bucket.size, order } };
    }
    case 'queries':
      return { filters: { filters: Object.fromEntries(bucket.queries.map(({ title, query }) => [title, queryString(query)])) } };
  }
}

function metricAggregation(metric: Metric): object {
  if (metric.of === 'newest') return { max: { field: '@timestamp' } };
  return { top_hits: { size: 1, _source: metric.field, sort: [{ '@timestamp': { order: 'desc' } }] } };
}

/** As the dashboards send a query of the language `lucene`. */
function queryString(query: string): object {
  return { query_string: { query, analyze_wildcard: true } };
}
