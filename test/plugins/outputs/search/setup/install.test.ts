import test from 'ava';
import { PROFILES, type SearchClient } from '../../../../../plugins/outputs/search/client.js';
import { faultsAfter, install, toInstall } from '../../../../../plugins/outputs/search/setup/install.js';
import { look, Refused } from '../../../../../plugins/outputs/search/setup/look.js';
import type { SetupSettings } from '../../../../../plugins/outputs/search/setup/pieces.js';
import { defaultTarget } from '../../../../../plugins/outputs/search/setup/target.js';
import { SETTINGS } from './settings.js';
import { TemplateServer } from './template-server.js';

const TEMPLATE = '/_index_template/trilog-logs-openstack.classified-default';

async function apply(server: TemplateServer, settings: SetupSettings, force = false): Promise<void> {
  await install(server, toInstall(await look(server, settings), force));
}

for (const engine of ['elasticsearch', 'opensearch'] as const) {
  for (const profile of PROFILES) {
    test(`installing for ${profile} on ${engine} twice changes nothing the second time`, async (t) => {
      const settings = { ...SETTINGS, engine, profile, target: defaultTarget(profile) };
      const server = new TemplateServer(engine);
      await apply(server, settings);
      const changes = server.changes.length;
      t.is(changes, profile === 'kolla' ? 4 : 5);
      const plan = await look(server, settings);
      t.deepEqual(
        plan.steps.flatMap((step) => step.changes),
        [],
      );
      t.true(plan.steps.every(({ state }) => state === 'same'));
      t.deepEqual(faultsAfter(plan), []);
      await apply(server, settings);
      t.is(server.changes.length, changes);
    });
  }

  test(`another retention changes the policy of ${engine} and nothing else`, async (t) => {
    const server = new TemplateServer(engine);
    await apply(server, { ...SETTINGS, engine });
    const later = { ...SETTINGS, engine, retention: 60 };
    const plan = await look(server, later);
    t.deepEqual(
      plan.steps.map(({ state }) => state),
      ['different', 'same', 'same', 'same', 'same'],
    );
    await apply(server, later);
    t.is(server.changes.length, 6);
    t.true((await look(server, later)).steps.every(({ state }) => state === 'same'));
  });

  test(`${engine} without policies gets the rest, and that is said`, async (t) => {
    const server = new TemplateServer(engine, { lifecycle: false });
    await apply(server, { ...SETTINGS, engine });
    const { steps, notes } = await look(server, { ...SETTINGS, engine });
    t.deepEqual(
      steps.map(({ state }) => state),
      ['same', 'same', 'same', 'same'],
    );
    t.regex(notes.join(), /^the server has no index (lifecycle|state) management/);
    t.notRegex(JSON.stringify(server.stored.get(TEMPLATE)), /lifecycle/);
  });
}

test('looking changes nothing', async (t) => {
  const server = new TemplateServer('elasticsearch');
  const { steps } = await look(server, SETTINGS);
  t.true(steps.every(({ state }) => state === 'missing'));
  t.deepEqual(server.changes, []);
});

test('what trilog did not make is left alone unless it is told otherwise', async (t) => {
  const server = new TemplateServer('elasticsearch');
  server.stored.set(TEMPLATE, { index_patterns: ['mine'], composed_of: [] });
  const plan = await look(server, SETTINGS);
  t.is(plan.steps[3]?.state, 'foreign');
  t.false(toInstall(plan, false).some(({ piece }) => piece.path === TEMPLATE));
  await apply(server, SETTINGS, true);
  t.true((await look(server, SETTINGS)).steps.every(({ state }) => state === 'same'));
});

test('a policy of somebody else is recognised by what it lacks', async (t) => {
  const policies = [
    ['elasticsearch', '/_ilm/policy/', { policy: { phases: {} } }],
    ['opensearch', '/_plugins/_ism/policies/', { policy: { description: 'mine', states: [], ism_template: [] } }],
  ] as const;
  for (const [engine, path, policy] of policies) {
    const server = new TemplateServer(engine);
    server.stored.set(`${path}trilog-logs-openstack.classified-default`, policy);
    t.is((await look(server, { ...SETTINGS, engine })).steps[0]?.state, 'foreign', engine);
  }
});

test('other templates of a server are not asked for, nor touched', async (t) => {
  const server = new TemplateServer('elasticsearch');
  server.stored.set('/_index_template/logs', { index_patterns: ['logs-*-*'] });
  await apply(server, SETTINGS);
  t.deepEqual(
    server.requests.filter((request) => request.endsWith('/logs')),
    [],
  );
});

test('the first refusal ends the installation with what the server said', async (t) => {
  const server = new TemplateServer('elasticsearch', { refuse: '/_component_template/trilog-settings' });
  const error = await t.throwsAsync(apply(server, SETTINGS), { instanceOf: Refused });
  t.is(error?.message, 'PUT /_component_template/trilog-settings: 403 security_exception: action is unauthorized');
  t.is(server.changes.length, 2);
});

test('what reads back otherwise is a fault, what the server adds is none', async (t) => {
  const server = new TemplateServer('elasticsearch');
  await apply(server, SETTINGS);
  server.stored.set(TEMPLATE, { ...server.stored.get(TEMPLATE), priority: 3, new_in_a_later_version: true });
  t.deepEqual(faultsAfter(await look(server, SETTINGS)), [`${TEMPLATE}: priority is 3, not 520`]);
});

const STRANGE: readonly [title: string, status: number, body: string, message: RegExp][] = [
  ['is no JSON', 200, '<html>', /no JSON: <html>/],
  ['forbids it', 403, '{"error":{"type":"security_exception","reason":"no"}}', /^GET \/_ilm\/policy\/\S+: 403 security_exception: no$/],
  [
    'names a cause under its reason',
    500,
    '{"error":{"type":"a","reason":"b","caused_by":{"reason":"c","caused_by":{"reason":"d"}}}}',
    /500 a: b: d$/,
  ],
  ['is a page of a proxy', 502, 'bad gateway', /502 bad gateway$/],
];

for (const [title, status, body, message] of STRANGE) {
  test(`an answer that ${title} is told`, async (t) => {
    const client = { request: async () => ({ status, body, retryAfterMs: null }), close: async () => {} };
    t.regex((await t.throwsAsync(look(client, SETTINGS), { instanceOf: Refused }))?.message ?? '', message);
  });
}

test('an answer that holds something else is as if there were nothing', async (t) => {
  for (const body of ['null', '[]', '{}', '{"index_templates":[null,{"name":"x"}]}']) {
    const client = { request: async () => ({ status: 200, body, retryAfterMs: null }), close: async () => {} };
    t.true(
      (await look(client, SETTINGS)).steps.every(({ state }) => state === 'missing'),
      body,
    );
  }
});

test('what setup needs and the server does not know is named', async (t) => {
  const known = new TemplateServer('elasticsearch');
  const server: SearchClient = {
    request: async (request) =>
      request.path.startsWith('/_data_stream')
        ? { status: 400, body: `{"error":"no handler found for uri [${request.path}] and method [GET]","status":400}`, retryAfterMs: null }
        : await known.request(request),
    close: async () => {},
  };
  const error = await t.throwsAsync(look(server, SETTINGS), { instanceOf: Refused });
  t.regex(error?.message ?? '', /^the server does not know data streams: GET \/_data_stream\/\S+: 400 no handler found/);
});
