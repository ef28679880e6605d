import test from 'ava';
import type { Engine } from '../../../../../plugins/outputs/search/client.js';
import { type Piece, piecesOf, type SetupSettings } from '../../../../../plugins/outputs/search/setup/pieces.js';
import { readRetention, rolloverDays } from '../../../../../plugins/outputs/search/setup/retention.js';
import { defaultTarget, ownName, patternOf, type SetupTarget, targetProblem } from '../../../../../plugins/outputs/search/setup/target.js';
import { SETTINGS as BASE } from './settings.js';

const kolla = { profile: 'kolla', target: defaultTarget('kolla') } as const;

function bodyOf(pieces: readonly Piece[], kind: Piece['kind']): unknown {
  return pieces.find((piece) => piece.kind === kind)?.body;
}

const PATHS: readonly [title: string, settings: Partial<SetupSettings>, paths: readonly string[]][] = [
  [
    'a data stream of Elasticsearch',
    {},
    [
      '/_ilm/policy/trilog-logs-openstack.classified-default',
      '/_component_template/trilog-settings',
      '/_component_template/trilog-ecs-mappings',
      '/_index_template/trilog-logs-openstack.classified-default',
      '/_data_stream/logs-openstack.classified-default',
    ],
  ],
  [
    'a data stream of OpenSearch',
    { engine: 'opensearch', profile: 'otel', target: defaultTarget('otel') },
    [
      '/_plugins/_ism/policies/trilog-logs-openstack.otel-default',
      '/_component_template/trilog-settings',
      '/_component_template/trilog-otel-mappings',
      '/_index_template/trilog-logs-openstack.otel-default',
      '/_data_stream/logs-openstack.otel-default',
    ],
  ],
  [
    'dated indices, which are no data stream',
    { ...kolla, engine: 'opensearch' },
    [
      '/_plugins/_ism/policies/trilog-flog',
      '/_component_template/trilog-settings',
      '/_component_template/trilog-kolla-mappings',
      '/_index_template/trilog-flog',
    ],
  ],
  [
    'a server without policies',
    { ...kolla, lifecycle: false },
    ['/_component_template/trilog-settings', '/_component_template/trilog-kolla-mappings', '/_index_template/trilog-flog'],
  ],
];

for (const [title, settings, paths] of PATHS) {
  test(`what is installed for ${title}`, (t) => {
    t.deepEqual(
      piecesOf({ ...BASE, ...settings }).map(({ path }) => path),
      paths,
    );
  });
}

test('an index template wins over those that come with a server, and names its components and its maker', (t) => {
  t.deepEqual(bodyOf(piecesOf(BASE), 'index_template'), {
    index_patterns: ['logs-openstack.classified-default'],
    data_stream: {},
    composed_of: ['trilog-settings', 'trilog-ecs-mappings'],
    priority: 520,
    template: { settings: { 'index.lifecycle.name': 'trilog-logs-openstack.classified-default' } },
    _meta: { managed_by: 'trilog' },
  });
  t.deepEqual(bodyOf(piecesOf({ ...BASE, ...kolla, engine: 'opensearch' }), 'index_template'), {
    index_patterns: ['flog-*'],
    composed_of: ['trilog-settings', 'trilog-kolla-mappings'],
    priority: 520,
    _meta: { managed_by: 'trilog' },
  });
});

test('the failure store is switched on only where that is asked for', (t) => {
  t.notRegex(JSON.stringify(piecesOf(BASE)), /failure_store/);
  t.like(bodyOf(piecesOf({ ...BASE, failureStore: true }), 'index_template'), {
    template: { data_stream_options: { failure_store: { enabled: true } } },
  });
});

test('without policies no template names one', (t) => {
  t.notRegex(JSON.stringify(piecesOf({ ...BASE, lifecycle: false })), /lifecycle/);
});

test('a lifecycle policy rolls a data stream over and deletes what is old, and only deletes dated indices', (t) => {
  t.deepEqual(bodyOf(piecesOf(BASE), 'ilm_policy'), {
    policy: {
      _meta: { managed_by: 'trilog' },
      phases: {
        hot: { min_age: '0ms', actions: { rollover: { max_age: '7d', max_primary_shard_size: '25gb' } } },
        delete: { min_age: '30d', actions: { delete: { delete_searchable_snapshot: true } } },
      },
    },
  });
  const forEver = bodyOf(piecesOf({ ...BASE, ...kolla, retention: null }), 'ilm_policy');
  t.deepEqual(forEver, { policy: { _meta: { managed_by: 'trilog' }, phases: { hot: { min_age: '0ms', actions: {} } } } });
});

test('a state management policy does the same, and says which indices it is for', (t) => {
  const stream = { ...BASE, engine: 'opensearch', retention: 3 } as const;
  t.like(bodyOf(piecesOf(stream), 'ism_policy'), {
    policy: {
      description: 'trilog: begins new backing indices, deletes after 3 days',
      states: [
        {
          name: 'write',
          actions: [{ rollover: { min_index_age: '1d', min_primary_shard_size: '25gb' } }],
          transitions: [{ state_name: 'delete', conditions: { min_rollover_age: '3d' } }],
        },
        { name: 'delete', actions: [{ delete: {} }], transitions: [] },
      ],
      ism_template: [{ index_patterns: ['logs-openstack.classified-default'], priority: 520 }],
    },
  });
  t.like(bodyOf(piecesOf({ ...stream, ...kolla }), 'ism_policy'), {
    policy: {
      states: [{ actions: [], transitions: [{ conditions: { min_index_age: '3d' } }] }, { name: 'delete' }],
      ism_template: [{ index_patterns: ['flog-*'] }],
    },
  });
  t.like(bodyOf(piecesOf({ ...stream, ...kolla, retention: null }), 'ism_policy'), { policy: { states: [{ transitions: [] }] } });
});

const RETENTIONS: readonly [text: string, days: number | null | undefined, rollover?: number][] = [
  ['30d', 30, 7],
  ['27d', 27, 1],
  ['1d', 1, 1],
  ['none', null, 7],
  ['0d', undefined],
  ['30', undefined],
  ['1.5d', undefined],
  ['-3d', undefined],
  ['1000000d', undefined],
  ['', undefined],
];

for (const [text, days, rollover] of RETENTIONS) {
  test(`a retention of ${JSON.stringify(text)}`, (t) => {
    const read = readRetention(text);
    t.is(read, days);
    if (read !== undefined) t.is(rolloverDays(read), rollover ?? Number.NaN);
  });
}

const TARGETS: readonly [target: SetupTarget, pattern: string, name: string, problem: RegExp | null][] = [
  [{ kind: 'data_stream', name: 'logs-a-b' }, 'logs-a-b', 'trilog-logs-a-b', null],
  [{ kind: 'data_stream', name: 'Logs' }, 'Logs', 'trilog-Logs', /lower-case/],
  [{ kind: 'data_stream', name: 'a/../b' }, 'a/../b', 'trilog-a/-/b', /lower-case/],
  [{ kind: 'data_stream', name: '.ds-a' }, '.ds-a', 'trilog-.ds-a', /lower-case/],
  [{ kind: 'index', pattern: 'flog-{date}' }, 'flog-*', 'trilog-flog', null],
  [{ kind: 'index', pattern: 'a-{year}-b-{month}' }, 'a-*-b-*', 'trilog-a-b', null],
  [{ kind: 'index', pattern: 'plain' }, 'plain', 'trilog-plain', null],
  [{ kind: 'index', pattern: '{date}' }, '*', 'trilog', /every index/],
  [{ kind: 'index', pattern: '{date}-a' }, '*-a', 'trilog-a', /every index/],
  [{ kind: 'index', pattern: 'a-{label}' }, 'a-*', 'trilog-a', /placeholder|lower-case/],
];

for (const [target, pattern, name, problem] of TARGETS) {
  test(`the target ${JSON.stringify(target)}`, (t) => {
    t.is(patternOf(target), pattern);
    if (problem === null) {
      t.is(ownName(target), name);
      t.is(targetProblem(target), null);
    } else t.regex(targetProblem(target) ?? '', problem);
  });
}

test('two targets on one server have nothing of their own in common', (t) => {
  for (const engine of ['elasticsearch', 'opensearch'] as const satisfies readonly Engine[]) {
    const own = (settings: SetupSettings) => piecesOf(settings).flatMap(({ kind, path }) => (kind === 'component_template' ? [] : [path]));
    const [one, other] = [own({ ...BASE, engine }), own({ ...BASE, ...kolla, engine })];
    t.deepEqual(
      one.filter((path) => other.includes(path)),
      [],
    );
  }
});
