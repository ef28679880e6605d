import { aggregationIds } from './panel-search.js';
import type { Bucket, Metric, Panel, Shape } from './panels.js';

/**
 * The `visState` of a panel, in the form that Kibana 7.10 and OpenSearch Dashboards write and that later Kibanas still read: aggregations in the order in
 * which they nest, with the part that each plays in the picture.
 */
export function visStateOf(panel: Panel): object {
  const ids = aggregationIds(panel);
  const count = { id: '1', enabled: true, type: 'count', schema: 'metric', params: { customLabel: 'Records' } };
  const metrics = panel.metrics.map((metric, i) => ({ id: ids.metrics[i], enabled: true, schema: 'metric', ...metricOf(metric) }));
  const buckets = panel.buckets.map((bucket, i) => ({
    id: ids.buckets[i],
    enabled: true,
    schema: schemaOf(panel.shape, i),
    ...bucketOf(bucket, ids.newest),
  }));
  return { title: panel.title, type: TYPES[panel.shape], params: paramsOf(panel.shape), aggs: [count, ...metrics, ...buckets] };
}

const TYPES: Readonly<Record<Shape, string>> = {
  'stacked bars over time': 'histogram',
  bars: 'horizontal_bar',
  donut: 'pie',
  table: 'table',
};

/** Which part of the picture a bucket is. */
function schemaOf(shape: Shape, depth: number): string {
  if (shape === 'table') return 'bucket';
  return shape === 'donut' || depth === 0 ? 'segment' : 'group';
}

function metricOf(metric: Metric): object {
  if (metric.of === 'newest') return { type: 'max', params: { field: '@timestamp', customLabel: metric.title } };
  const newest = { size: 1, sortField: '@timestamp', sortOrder: 'desc' };
  return { type: 'top_hits', params: { field: metric.field, aggregate: 'concat', ...newest, customLabel: metric.title } };
}

function bucketOf(bucket: Bucket, newest: string | undefined): object {
  switch (bucket.by) {
    case 'time':
      return {
        type: 'date_histogram',
        params: {
          field: '@timestamp',
          interval: 'auto',
          useNormalizedOpenSearchInterval: true,
          useNormalizedEsInterval: true,
          drop_partials: false,
          min_doc_count: 1,
          extended_bounds: {},
          customLabel: 'Time',
        },
      };
    case 'terms': {
      const others = { otherBucket: false, otherBucketLabel: 'Other', missingBucket: false, missingBucketLabel: 'Missing' };
      const orderBy = bucket.newestFirst === true && newest !== undefined ? newest : '1';
      const { field, size, title } = bucket;
      return { type: 'terms', params: { field, orderBy, order: 'desc', size, ...others, customLabel: title } };
    }
    case 'queries':
      return {
        type: 'filters',
        params: { filters: bucket.queries.map(({ title, query }) => ({ input: { query, language: 'lucene' }, label: title })) },
      };
  }
}

function paramsOf(shape: Shape): object {
  switch (shape) {
    case 'stacked bars over time':
      return axesOf({ type: 'histogram', category: 'bottom', value: 'left', mode: 'stacked', legend: true });
    case 'bars':
      return axesOf({ type: 'histogram', category: 'left', value: 'bottom', mode: 'normal', legend: false });
    case 'donut': {
      const labels = { show: true, values: true, last_level: true, truncate: 100 };
      return { type: 'pie', addTooltip: true, addLegend: true, legendPosition: 'right', isDonut: true, labels };
    }
    case 'table': {
      const sort = { columnIndex: null, direction: null };
      return {
        perPage: 10,
        showPartialRows: false,
        showMetricsAtAllLevels: false,
        sort,
        showTotal: false,
        totalFunc: 'sum',
        percentageCol: '',
      };
    }
  }
}

interface Axes {
  readonly type: string;
  /** Where the axes are. */
  readonly category: 'bottom' | 'left';
  readonly value: 'bottom' | 'left';
  readonly mode: 'stacked' | 'normal';
  readonly legend: boolean;
}

function axesOf({ type, category, value, mode, legend }: Axes): object {
  const shown = { show: true, style: {} };
  return {
    type,
    grid: { categoryLines: false },
    categoryAxes: [
      {
        ...{ id: 'CategoryAxis-1', type: 'category', position: category, ...shown, scale: { type: 'linear' }, title: {} },
        labels: { show: true, filter: true, truncate: 200 },
      },
    ],
    valueAxes: [
      {
        ...{ id: 'ValueAxis-1', name: 'ValueAxis-1', type: 'value', position: value, ...shown, scale: { type: 'linear', mode: 'normal' } },
        ...{ labels: { show: true, rotate: 0, filter: true, truncate: 100 }, title: { text: 'Records' } },
      },
    ],
    seriesParams: [
      {
        ...{ show: true, type, mode, data: { label: 'Records', id: '1' }, valueAxis: 'ValueAxis-1' },
        ...{ drawLinesBetweenPoints: true, lineWidth: 2, showCircles: true },
      },
    ],
    ...{ addTooltip: true, addLegend: legend, legendPosition: 'right', times: [], addTimeMarker: false, labels: { show: false } },
    thresholdLine: { show: false, value: 10, width: 1, style: 'full', color: '#E7664C' },
  };
}
