import test from 'ava';
import { PROFILES } from '../../../../../plugins/outputs/search/client.js';
import { searchOf } from '../../../../../plugins/outputs/search/setup/panel-search.js';
import { panelsOf } from '../../../../../plugins/outputs/search/setup/panels.js';
import { savedObjectsOf } from '../../../../../plugins/outputs/search/setup/saved-objects.js';
import { defaultTarget } from '../../../../../plugins/outputs/search/setup/target.js';
import { savedObject } from './saved-object-schema.js';

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

const queryOf = (text: string) => ({ query_string: { query: text, analyze_wildcard: true } });

test('records over time are put together by the first part of their label, and those without one', (t) => {
  const { path, body } = search('ecs', 'groups-over-time');
  t.is(path, '/logs-a-*/_search');
  const filters = {
    instance: queryOf('trilog.label:instance.*'),
    capacity: queryOf('trilog.label:capacity.*'),
    other: queryOf('trilog.label:other'),
    unclassified: queryOf('trilog.label:unclassified'),
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
      query: { bool: { filter: [RANGE, queryOf('trilog.label:(instance.failure OR capacity.shortage)')] } },
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
    query: { bool: { filter: [RANGE, queryOf('trilog.novel:true')] } },
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

/** An aggregation as both forms tell it. */
interface Asked {
  readonly id: string;
  readonly type: string;
  readonly field?: unknown;
  readonly size?: unknown;
  readonly order?: unknown;
  readonly filters?: unknown;
}

for (const profile of PROFILES)
  test(`the dashboard of ${profile} asks for the same records, fields, sizes and order as the searches, by the same names`, (t) => {
    const panels = panelsOf(profile, LABELS);
    const shown = savedObjectsOf(defaultTarget(profile), panels).map((object) => savedObject.parse(object));
    for (const panel of panels) {
      const found = shown.find(({ id }) => id.endsWith(`-${panel.id}`));
      if (found?.type !== 'visualization') return t.fail(panel.id);
      const { visState, kibanaSavedObjectMeta } = found.attributes;
      const { query } = searchOf(panel, WINDOW).body as { query: { bool: { filter: object[] } } };
      const { query: text } = kibanaSavedObjectMeta.searchSourceJSON.query;
      t.deepEqual(query.bool.filter, text === '' ? [RANGE] : [RANGE, queryOf(text)], panel.id);

      const [count, ...others] = visState.aggs;
      t.like(count, { id: '1', type: 'count' });
      const { aggs } = searchOf(panel, WINDOW).body as { aggs: Aggregations };
      const byId = (a: Asked, b: Asked): number => a.id.localeCompare(b.id);
      t.deepEqual(others.map(fromDashboard).sort(byId), asked(aggs).sort(byId), panel.id);
      // Those of buckets nest in the order in which the dashboard has them.
      const buckets = others.filter(({ schema }) => schema !== 'metric').map(({ id }) => id);
      t.deepEqual(nesting(aggs, buckets), buckets, panel.id);
    }
  });

interface VisAggregation {
  readonly id: string;
  readonly type: string;
  readonly schema: string;
  readonly params: {
    readonly field?: string | undefined;
    readonly size?: number;
    readonly orderBy?: string | undefined;
    readonly order?: string;
    readonly sortField?: string;
    readonly sortOrder?: string;
    readonly filters?: readonly { readonly label: string; readonly input: { readonly query: string; readonly language: string } }[];
  };
}

function fromDashboard({ id, type, params }: VisAggregation): Asked {
  switch (type) {
    case 'terms':
      return {
        id,
        type,
        field: params.field,
        size: params.size,
        order: { [params.orderBy === '1' ? '_count' : (params.orderBy ?? '')]: params.order },
      };
    case 'filters':
      return { id, type, filters: Object.fromEntries((params.filters ?? []).map(({ label, input }) => [label, queryOf(input.query)])) };
    case 'top_hits':
      return { id, type, field: params.field, size: params.size, order: [{ [params.sortField ?? '']: { order: params.sortOrder } }] };
    default:
      return { id, type, field: params.field };
  }
}

type Aggregations = Readonly<Record<string, Readonly<Record<string, unknown>> & { readonly aggs?: Aggregations }>>;

/** Every aggregation once: metrics are asked for at each depth. */
function asked(aggs: Aggregations, found = new Map<string, Asked>()): Asked[] {
  for (const [id, { aggs: inner, ...own }] of Object.entries(aggs)) {
    for (const [type, body] of Object.entries(own)) found.set(id, fromSearch(id, type, body as Record<string, unknown>));
    if (inner !== undefined) asked(inner, found);
  }
  return [...found.values()];
}

function fromSearch(id: string, type: string, body: Readonly<Record<string, unknown>>): Asked {
  const { field, size, order, filters } = body;
  if (type === 'terms') return { id, type, field, size, order };
  if (type === 'filters') return { id, type, filters };
  return type === 'top_hits' ? { id, type, field: body['_source'], size, order: body['sort'] } : { id, type, field };
}

/** The ids of buckets from the outermost inwards. */
function nesting(aggs: Aggregations | undefined, buckets: readonly string[]): string[] {
  const id = buckets.find((one) => aggs?.[one] !== undefined);
  return id === undefined ? [] : [id, ...nesting(aggs?.[id]?.aggs, buckets)];
}
