import test from 'ava';
import { searchOf } from '../../../../../plugins/outputs/search/setup/panel-search.js';
import { panelsOf } from '../../../../../plugins/outputs/search/setup/panels.js';
import { visStateOf } from '../../../../../plugins/outputs/search/setup/visualization.js';

const LABELS = {
  labels: ['instance.failure', 'instance.lifecycle', 'capacity.shortage', 'other'],
  problems: ['instance.failure', 'capacity.shortage'],
};
const WINDOW = { index: 'logs-a-*', from: '2026-03-02T00:00:00Z', to: '2026-03-03T00:00:00Z', interval: '30m' };
const RANGE = { range: { '@timestamp': { gte: WINDOW.from, lte: WINDOW.to } } };

function search(profile: 'ecs' | 'otel' | 'kolla', id: string) {
  const panel = panelsOf(profile, LABELS).find((one) => one.id === id);
  if (panel === undefined) throw new Error(`no panel ${id}`);
  return searchOf(panel, WINDOW);
}

const query = (text: string) => ({ query_string: { query: text, analyze_wildcard: true } });

test('records over time are put together by the first part of their label, and those without one', (t) => {
  const { path, body } = search('ecs', 'groups-over-time');
  t.is(path, '/logs-a-*/_search');
  const filters = {
    instance: query('trilog.label:instance.*'),
    capacity: query('trilog.label:capacity.*'),
    other: query('trilog.label:other'),
    unclassified: query('trilog.label:unclassified'),
  };
  t.deepEqual(body, {
    size: 0,
    track_total_hits: true,
    query: { bool: { filter: [RANGE] } },
    aggs: {
      2: {
        date_histogram: { field: '@timestamp', fixed_interval: '30m', time_zone: 'UTC', min_doc_count: 1 },
        aggs: { 3: { filters: { filters } } },
      },
    },
  });
});

test('problems are counted by host and label, in the fields of the profile', (t) => {
  const fields = { ecs: 'host.name', otel: 'resource.attributes.host.name', kolla: 'Hostname.keyword' } as const;
  for (const [profile, field] of Object.entries(fields) as [keyof typeof fields, string][]) {
    t.deepEqual(search(profile, 'problems-by-host').body, {
      size: 0,
      track_total_hits: true,
      query: { bool: { filter: [RANGE, query('trilog.label:(instance.failure OR capacity.shortage)')] } },
      aggs: {
        3: {
          terms: { field, size: 20, order: { _count: 'desc' } },
          aggs: {
            2: { max: { field: '@timestamp' } },
            4: {
              terms: { field: 'trilog.label', size: 5, order: { _count: 'desc' } },
              aggs: { 2: { max: { field: '@timestamp' } } },
            },
          },
        },
      },
    });
  }
});

test('new templates are listed newest first, with their text', (t) => {
  t.deepEqual(search('ecs', 'novel-templates').body, {
    size: 0,
    track_total_hits: true,
    query: { bool: { filter: [RANGE, query('trilog.novel:true')] } },
    aggs: {
      4: {
        terms: { field: 'trilog.template_id', size: 50, order: { 2: 'desc' } },
        aggs: {
          2: { max: { field: '@timestamp' } },
          3: { top_hits: { size: 1, _source: 'trilog.template', sort: [{ '@timestamp': { order: 'desc' } }] } },
        },
      },
    },
  });
});

test('the dashboard asks for the same aggregations, by the same names', (t) => {
  for (const panel of panelsOf('ecs', LABELS)) {
    const { aggs } = visStateOf(panel) as {
      aggs: { id: string; type: string; params: { field?: string; size?: number; filters?: unknown[] } }[];
    };
    const [count, ...others] = aggs;
    t.is(count?.type, 'count');
    const found = new Map<string, object>();
    collect((searchOf(panel, WINDOW).body as { aggs: object }).aggs, found);
    t.deepEqual(others.map(({ id }) => id).sort(), [...found.keys()].sort(), panel.id);
    for (const { id, type, params } of others) {
      const asked = (found.get(id) as Record<string, { field?: string; size?: number; filters?: object }>)[type];
      t.truthy(asked, `${panel.id} ${id}`);
      if (type === 'terms') t.like(asked, { field: params.field, size: params.size }, panel.id);
      if (type === 'filters') t.is(Object.keys(asked?.filters ?? {}).length, params.filters?.length ?? -1);
    }
  }
});

function collect(aggs: object, found: Map<string, object>): void {
  for (const [id, { aggs: inner, ...own }] of Object.entries(aggs) as [string, { aggs?: object }][]) {
    found.set(id, own);
    if (inner !== undefined) collect(inner, found);
  }
}
