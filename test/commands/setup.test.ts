import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { plugin as file } from '../../plugins/outputs/file/index.js';
import type { SearchClient } from '../../plugins/outputs/search/client.js';
import { contradiction, outputFor, type SetupArguments, settingsOf } from '../../src/commands/setup.js';
import { labelSetsOf } from '../../src/commands/setup-labels.js';
import { type Installation, type Operator, runSetup } from '../../src/commands/setup-run.js';
import type { OutputConfig } from '../../src/config/load.js';
import { TrilogError } from '../../src/errors.js';
import { loadTaxonomy } from '../../src/stages/taxonomy.js';
import { SETTINGS } from '../plugins/outputs/search/setup/settings.js';
import { TemplateServer } from '../plugins/outputs/search/setup/template-server.js';
import { folderWith, trilog } from './trilog.js';

const APPLY: Installation = { settings: SETTINGS, format: 'requests', apply: true, force: false, dashboards: null };

/** Somebody who answers every question alike. */
function operator(agrees: boolean): Operator & { text: string; readonly questions: string[] } {
  return {
    text: '',
    questions: [],
    show(text) {
      this.text += text;
    },
    async agrees(question) {
      this.questions.push(question);
      return agrees;
    },
  };
}

test('setup prints requests that can be pasted, and needs no server for it', (t) => {
  const { status, out, err } = trilog(['setup', 'elasticsearch']);
  t.is(status, 0, err);
  const requests = out.trimEnd().split(/\n\n(?=PUT )/);
  t.deepEqual(
    requests.map((request) => request.split('\n')[0]),
    [
      'PUT _ilm/policy/trilog-logs-openstack.classified-default',
      'PUT _component_template/trilog-settings',
      'PUT _component_template/trilog-ecs-mappings',
      'PUT _index_template/trilog-logs-openstack.classified-default',
      'PUT _data_stream/logs-openstack.classified-default',
    ],
  );
  for (const request of requests.slice(0, -1)) t.notThrows(() => JSON.parse(request.slice(request.indexOf('\n'))));
});

test('setup prints one JSON document, for the profile, index and retention that are named', (t) => {
  const { status, out } = trilog([
    'setup',
    'opensearch',
    '-f',
    'json',
    '--profile',
    'kolla',
    '--index',
    'kolla-{month}',
    '--retention',
    '90d',
  ]);
  t.is(status, 0);
  const pieces: { method: string; path: string; body: object }[] = JSON.parse(out);
  t.deepEqual(
    pieces.map(({ method, path }) => `${method} ${path}`),
    [
      'PUT /_plugins/_ism/policies/trilog-kolla',
      'PUT /_component_template/trilog-settings',
      'PUT /_component_template/trilog-kolla-mappings',
      'PUT /_index_template/trilog-kolla',
    ],
  );
  t.regex(out, /"min_index_age": "90d"/);
  t.regex(out, /"kolla-\*"/);
});

test('setup writes the dashboard to a file', (t) => {
  const folder = folderWith(t, {});
  const path = join(folder, 'dashboard.ndjson');
  t.is(trilog(['setup', 'opensearch', '--dashboard', path]).status, 0);
  const objects: { type: string }[] = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.deepEqual([objects[0]?.type, objects.at(-1)?.type, objects.length], ['index-pattern', 'dashboard', 11]);
  t.is(trilog(['setup', 'opensearch', '--dashboard', join(folder, 'none', 'there')]).status, 74);
});

/** A command line on which nothing is said but this. */
function said(options: Partial<SetupArguments>): SetupArguments {
  return {
    engine: 'opensearch',
    config: undefined,
    output: undefined,
    profile: undefined,
    'data-stream': undefined,
    index: undefined,
    retention: '30d',
    'failure-store': false,
    dashboard: undefined,
    'dashboards-url': undefined,
    apply: false,
    yes: false,
    force: false,
    format: 'requests',
    ...options,
  };
}

for (const [title, options, message] of [
  ['two targets', { index: 'a', 'data-stream': 'b' }, /not both/],
  ['an installation nowhere', { apply: true, yes: true }, /Install where/],
  ['keys of an output that is named', { config: 'x.yaml', profile: 'ecs' }, /of the output/],
  ['an import without --apply', { config: 'x.yaml', 'dashboards-url': 'http://a' }, /only with --apply/],
] as const) {
  test(`setup refuses ${title}`, (t) => t.regex(String(contradiction(said(options))), message));
}

for (const [title, options, message] of [
  ['a retention that is none', { retention: '5 weeks' }, /number of days/],
  ['an index that is every index', { index: '{date}' }, /every index/],
  ['a failure store of OpenSearch', { 'failure-store': true }, /failure store/],
] as const) {
  test(`setup refuses ${title}`, (t) => {
    const error = t.throws(() => settingsOf(said(options), null), { instanceOf: TrilogError });
    t.is(error?.code, 'USAGE');
    t.regex(error?.message ?? '', message);
  });
}

test('what setup refuses ends it with the status of a wrong command line', (t) => {
  for (const [args, message] of [
    [['mysql'], /Choices/],
    [['opensearch', '-c', 'x.yaml', '--apply'], /no terminal/],
    [['opensearch', '--failure-store'], /failure store/],
  ] as const) {
    const { status, err } = trilog(['setup', ...args]);
    t.is(status, 64, args.join(' '));
    t.regex(err, message);
  }
});

test('setup of a configuration without such an output is a usage error', (t) => {
  const folder = folderWith(t, {
    'trilog.yaml': 'data_dir: data\ninputs: { a: { type: file, include: [x.log] } }\noutputs: { b: { type: stdout } }\n',
  });
  const { status, err } = trilog(['setup', 'opensearch', '-c', join(folder, 'trilog.yaml')]);
  t.is(status, 64, err);
  t.regex(err, /has no output of type opensearch/);
});

test('the output is the only one of its type, or the one that is named', (t) => {
  const output = (name: string, type: string): OutputConfig => ({ name, plugin: { ...file, type }, config: {}, when: null });
  const outputs = [output('a', 'opensearch'), output('b', 'opensearch'), output('c', 'elasticsearch')];
  t.is(outputFor({ outputs }, 'elasticsearch', undefined).name, 'c');
  t.is(outputFor({ outputs }, 'opensearch', 'b').name, 'b');
  t.regex(t.throws(() => outputFor({ outputs }, 'opensearch', undefined)).message, /--output a \| b/);
  t.regex(t.throws(() => outputFor({ outputs }, 'opensearch', 'c')).message, /no output c of type opensearch/);
});

test('differences are shown and nothing is changed without --apply', async (t) => {
  const [server, person] = [new TemplateServer('elasticsearch'), operator(true)];
  await runSetup(server, { ...APPLY, apply: false }, person);
  t.deepEqual(server.changes, []);
  t.deepEqual(person.questions, []);
  t.is(person.text.split('\n')[1], '+ component template trilog-settings: to be made');
});

test('what differs is shown, asked about, installed, and found as wanted the next time', async (t) => {
  const [server, person] = [new TemplateServer('elasticsearch'), operator(true)];
  await runSetup(server, APPLY, person);
  t.is(server.changes.length, 5);
  t.deepEqual(person.questions, ['install 5 of these?']);
  t.regex(person.text, /installed, and read back as wanted: 5\n/);
  const again = operator(true);
  await runSetup(server, APPLY, again);
  t.is(server.changes.length, 5);
  t.deepEqual(again.questions, []);
  t.regex(again.text, /\nnothing to do\n$/);
  const later = operator(true);
  await runSetup(server, { ...APPLY, settings: { ...SETTINGS, retention: 60 } }, later);
  t.regex(later.text, /^~ lifecycle policy \S+: to be changed\n {6}policy\.phases\.delete\.min_age: 30d -> 60d\n/);
});

test('who does not agree has changed nothing', async (t) => {
  const [server, person] = [new TemplateServer('opensearch'), operator(false)];
  await runSetup(server, { ...APPLY, settings: { ...SETTINGS, engine: 'opensearch' } }, person);
  t.deepEqual(server.changes, []);
  t.regex(person.text, /nothing was changed/);
});

test('as JSON the differences are one document, whatever is done', async (t) => {
  for (const agrees of [true, false]) {
    const person = operator(agrees);
    await runSetup(new TemplateServer('elasticsearch'), { ...APPLY, format: 'json' }, person);
    t.is(JSON.parse(person.text).steps.length, 5);
  }
});

test('something that trilog did not make keeps everything from being changed, until --force', async (t) => {
  const server = new TemplateServer('elasticsearch');
  server.stored.set('/_component_template/trilog-settings', { template: { settings: { 'index.codec': 'default' } } });
  const error = await t.throwsAsync(runSetup(server, APPLY, operator(true)), { instanceOf: TrilogError });
  t.is(error?.code, 'SETUP_FOREIGN');
  t.deepEqual(server.changes, []);
  await runSetup(server, { ...APPLY, force: true }, operator(true));
  t.is(server.changes.length, 5);
});

test('a refusal is SETUP_FAILED, a server that is not there CONNECT_FAILED', async (t) => {
  const server = new TemplateServer('elasticsearch', { refuse: '/_index_template/trilog-logs-openstack.classified-default' });
  const refused = await t.throwsAsync(runSetup(server, APPLY, operator(true)), { instanceOf: TrilogError });
  t.is(refused?.code, 'SETUP_FAILED');
  t.regex(refused?.message ?? '', /403 security_exception/);
  const nobody: SearchClient = { request: () => Promise.reject(new Error('connect ECONNREFUSED')), close: async () => {} };
  const gone = await t.throwsAsync(runSetup(nobody, APPLY, operator(true)), { instanceOf: TrilogError });
  t.is(gone?.code, 'CONNECT_FAILED');
});

test('a server that keeps something else than it was given is told', async (t) => {
  const server = new TemplateServer('elasticsearch');
  const forgetful: SearchClient = {
    request: (request) =>
      request.method === 'PUT' ? Promise.resolve({ status: 200, body: '{}', retryAfterMs: null }) : server.request(request),
    close: async () => {},
  };
  const error = await t.throwsAsync(runSetup(forgetful, APPLY, operator(true)), { instanceOf: TrilogError });
  t.is(error?.code, 'SETUP_FAILED');
  t.regex(error?.message ?? '', /trilog-settings is not there/);
});

test('what a server says does not steer the terminal', async (t) => {
  const [server, person] = [new TemplateServer('elasticsearch'), operator(true)];
  server.stored.set('/_component_template/trilog-settings', { '\u001b[2J': '\u001b[31m' });
  await runSetup(server, { ...APPLY, apply: false }, person);
  t.false(person.text.includes('\u001b'));
});

test('problems are failures of the cloud, and not what callers asked wrongly', (t) => {
  const { labels, problems } = labelSetsOf(loadTaxonomy());
  t.is(labels.length, 41);
  for (const label of ['instance.failure', 'capacity.shortage', 'api.server_error', 'auth.failure', 'messaging.rpc'])
    t.true(problems.includes(label), label);
  for (const label of ['api.client_error', 'api.request', 'instance.lifecycle', 'messaging.connection', 'other'])
    t.false(problems.includes(label), label);
});
