import { existsSync } from 'node:fs';
import test from 'ava';
import { SearchServer } from './search-server.js';

async function ask(server: SearchServer, method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(server.url + path, {
    method,
    headers: { 'content-type': path.startsWith('/_bulk') ? 'application/x-ndjson' : 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

for (const engine of ['opensearch', 'elasticsearch'] as const) {
  test(`${engine}: a real server says its version, and what it acknowledged survives kill -9`, async (t) => {
    const server = await SearchServer.start({ engine });
    try {
      const { pid, port } = server;
      t.is(server.engine, engine);
      const { nodes } = (await ask(server, 'GET', '/_nodes/_local')).body as { nodes: Record<string, { version: string }> };
      t.deepEqual(
        Object.values(nodes).map(({ version }) => version),
        [server.version],
      );
      t.is((await ask(server, 'PUT', '/kept/_create/1', { message: 'is here' })).status, 201);
      await server.kill();
      t.throws(() => process.kill(pid ?? 0, 0), { code: 'ESRCH' });
      await t.throwsAsync(fetch(server.url));
      await server.start();
      t.is(server.port, port);
      t.like(await ask(server, 'GET', '/kept/_doc/1'), { status: 200, body: { _source: { message: 'is here' } } });
      await server.restart();
      t.is((await ask(server, 'GET', '/kept/_doc/1')).status, 200);
    } finally {
      await server.stop();
    }
    t.false(existsSync(server.folder));
  });
}

test('a data stream is made by its index template, and creates each id once', async (t) => {
  const server = await SearchServer.start();
  try {
    const component = {
      template: {
        settings: { number_of_replicas: 0 },
        mappings: { properties: { message: { type: 'match_only_text' }, labels: { type: 'flat_object' } } },
      },
    };
    const pipeline = { processors: [{ script: { source: 'ctx.length = ctx.message.length()' } }] };
    const template = { index_patterns: ['logs-*-*'], priority: 300, composed_of: ['logs'], data_stream: {} };
    t.is((await ask(server, 'PUT', '/_component_template/logs', component)).status, 200);
    t.is((await ask(server, 'PUT', '/_index_template/logs', template)).status, 200);
    t.is((await ask(server, 'PUT', '/_ingest/pipeline/measure', pipeline)).status, 200);
    const create = `{"create":{"_id":"a"}}\n{"@timestamp":"2026-01-02T03:04:05Z","message":"no valid host","labels":{"a":{"b":1}}}\n`;
    const bulk = await ask(server, 'POST', '/_bulk?refresh=true', create + create);
    t.is(bulk.status, 400, 'no index is named');
    const path = '/logs-openstack-default';
    const { body } = (await ask(
      server,
      'POST',
      `/_bulk?refresh=true&pipeline=measure`,
      (create + create).replaceAll('"_id"', `"_index":"${path.slice(1)}","_id"`),
    )) as {
      body: { errors: boolean; items: { create: { status: number } }[] };
    };
    t.deepEqual(
      body.items.map((item) => item.create.status),
      [201, 409],
    );
    t.like((await ask(server, 'GET', `/_data_stream${path}`)).body, { data_streams: [{ name: path.slice(1), template: 'logs' }] });
    const update = { script: { source: 'ctx._source.label = params.label', params: { label: 'capacity.no_host' } } };
    t.like((await ask(server, 'POST', `${path}/_update_by_query?refresh=true`, update)).body, { updated: 1 });
    t.like((await ask(server, 'POST', `${path}/_search`, { query: { match: { message: 'valid' } } })).body, {
      hits: { hits: [{ _id: 'a', _source: { length: 13, label: 'capacity.no_host' } }] },
    });
  } finally {
    await server.stop();
  }
});

test('elasticsearch: a data stream is made by its index template, and creates each id once', async (t) => {
  const server = await SearchServer.start({ engine: 'elasticsearch' });
  try {
    const template = {
      index_patterns: ['logs-*-*'],
      priority: 300,
      data_stream: {},
      template: { mappings: { properties: { labels: { type: 'flattened' } } } },
    };
    t.is((await ask(server, 'PUT', '/_index_template/logs', template)).status, 200);
    const create = `{"create":{"_index":"logs-openstack-default","_id":"a"}}\n{"@timestamp":"2026-01-02T03:04:05Z","labels":{"a":{"b":1}}}\n`;
    const { body } = (await ask(server, 'POST', '/_bulk', create + create)) as { body: { items: { create: { status: number } }[] } };
    t.deepEqual(
      body.items.map((item) => item.create.status),
      [201, 409],
    );
    t.like((await ask(server, 'GET', '/_resolve/index/logs-*')).body, { data_streams: [{ name: 'logs-openstack-default' }] });
  } finally {
    await server.stop();
  }
});
