import test from 'ava';
import { canonical } from '../../../../../plugins/outputs/search/setup/canonical.js';
import { changeLine, changesBetween } from '../../../../../plugins/outputs/search/setup/diff.js';
import type { PieceKind } from '../../../../../plugins/outputs/search/setup/pieces.js';

const CASES: readonly [title: string, kind: PieceKind, had: object, wanted: object, lines: readonly string[]][] = [
  [
    'settings with and without dots, with and without index, as text or not, are the same',
    'component_template',
    { template: { settings: { index: { codec: 'best_compression', mapping: { ignore_malformed: 'true' }, number_of_replicas: '1' } } } },
    { template: { settings: { 'index.codec': 'best_compression', 'index.mapping.ignore_malformed': true, number_of_replicas: 1 } } },
    [],
  ],
  [
    'a setting that differs is told with both values',
    'component_template',
    { template: { settings: { index: { refresh_interval: '1s' } } } },
    { template: { settings: { 'index.refresh_interval': '5s' } } },
    ['  template.settings.refresh_interval: 1s -> 5s'],
  ],
  [
    'what is new and what is gone',
    'component_template',
    { template: { mappings: { properties: { old: { type: 'long' } } } } },
    { template: { mappings: { properties: { fresh: { type: 'keyword', ignore_above: 1024 } } } } },
    [
      '+ template.mappings.properties.fresh.ignore_above: 1024',
      '+ template.mappings.properties.fresh.type: keyword',
      '- template.mappings.properties.old.type: long',
    ],
  ],
  [
    'what a server adds to a data stream of a template is none of it',
    'index_template',
    { data_stream: { hidden: false, allow_custom_routing: false }, created_date: 'then', modified_date_millis: 5, priority: 520 },
    { data_stream: {}, priority: 520 },
    [],
  ],
  [
    'OpenSearch names the field of time',
    'index_template',
    { data_stream: { timestamp_field: { name: '@timestamp' } } },
    { data_stream: {} },
    [],
  ],
  ['a template that was none of a data stream', 'index_template', {}, { data_stream: {} }, ['+ data_stream: yes']],
  [
    'what somebody else set on a data stream is told',
    'index_template',
    { data_stream: { hidden: true } },
    { data_stream: {} },
    ['- data_stream.hidden: true'],
  ],
  [
    'the order of a list counts',
    'index_template',
    { composed_of: ['b', 'a'] },
    { composed_of: ['a', 'b'] },
    ['  composed_of: ["b","a"] -> ["a","b"]'],
  ],
  ['what is empty is not there', 'index_template', { template: {}, composed_of: [], version: null }, {}, []],
  [
    'a state management policy says more of itself than it was told',
    'ism_policy',
    {
      policy: {
        policy_id: 'a',
        last_updated_time: 5,
        schema_version: 21,
        error_notification: null,
        user: { name: 'admin', roles: ['all'] },
        states: [{ name: 'write', actions: [{ retry: { count: 3, backoff: 'exponential', delay: '1m' }, delete: {} }], transitions: [] }],
        ism_template: [{ index_patterns: ['a'], priority: 1, last_updated_time: 5 }],
      },
    },
    {
      policy: {
        states: [{ name: 'write', actions: [{ delete: {} }], transitions: [] }],
        ism_template: [{ index_patterns: ['a'], priority: 1 }],
      },
    },
    [],
  ],
  [
    'other tries than the usual are told',
    'ism_policy',
    { policy: { states: [{ actions: [{ retry: { count: 9 } }] }] } },
    { policy: {} },
    ['- policy.states[0].actions[0].retry.count: 9'],
  ],
];

for (const [title, kind, had, wanted, lines] of CASES) {
  test(`${title}`, (t) => {
    t.deepEqual(changesBetween(canonical(kind, had), canonical(kind, wanted)).map(changeLine), lines);
  });
}
