import { once } from 'node:events';
import { createServer, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Client } from '@elastic/elasticsearch';
import test, { type ExecutionContext } from 'ava';
import { bulkItems } from './bulk-items.js';
import { FaultProxy, type FaultProxyOptions } from './fault-proxy.js';
import { type Fault, seededFaults } from './faults.js';
import { SearchServer } from './search-server.js';

const BULK = [1, 2, 3].map((id) => `{"create":{"_index":"i","_id":"${id}"}}\n{"n":${id}}\n`).join('');

/** A server that answers every bulk with what it got, behind a proxy. */
async function proxied(t: ExecutionContext, options: Omit<FaultProxyOptions, 'target'> = {}) {
  const bodies: string[] = [];
  const server = createServer(async (incoming, response) => {
    const body = await text(incoming);
    bodies.push(body);
    const items = bulkItems(body).map(({ id, index }) => ({ create: { _index: index, _id: id, status: 201 } }));
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ took: 1, errors: false, items }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const proxy = await FaultProxy.start({ target: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ...options });
  t.teardown(async () => {
    await proxy.close();
    server.closeAllConnections();
    await once(server.close(), 'close');
  });
  return { proxy, bodies };
}

async function send({ url, ca }: FaultProxy, headers: Record<string, string> = {}) {
  const to = `${url}/_bulk`;
  const sent = { method: 'POST', headers: { 'content-type': 'application/x-ndjson', ...headers }, agent: false } as const;
  const outgoing = url.startsWith('https') ? tlsRequest(to, { ...sent, ca }) : plainRequest(to, sent);
  outgoing.end(BULK);
  const [response] = await once(outgoing, 'response');
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

const CASES: readonly [fault: Fault, counted: string, reaches: number, seen: 'cut' | number][] = [
  [{ kind: 'pass' }, 'pass', 1, 200],
  [{ kind: 'reset', when: 'before' }, 'reset before', 0, 'cut'],
  [{ kind: 'reset', when: 'after' }, 'reset after', 1, 'cut'],
  [{ kind: 'delay', ms: 1 }, 'delay', 1, 200],
  [{ kind: 'status', status: 413 }, 'status 413', 0, 413],
  [{ kind: 'status', status: 429, retryAfterSeconds: 7 }, 'status 429 with retry-after', 0, 429],
  [{ kind: 'half' }, 'half', 1, 'cut'],
  [{ kind: 'garbage' }, 'garbage', 1, 200],
];

for (const tls of [false, true]) {
  for (const [fault, counted, reaches, seen] of CASES) {
    test(`${counted}${tls ? ' behind TLS' : ''}: seen as ${seen}, reaches the server ${reaches} times`, async (t) => {
      const { proxy, bodies } = await proxied(t, { decide: () => fault, tls });
      if (seen === 'cut') await t.throwsAsync(send(proxy));
      else t.is((await send(proxy)).status, seen);
      t.is(bodies.length, reaches);
      t.deepEqual([...proxy.counts], [[counted, 1]]);
    });
  }
}

test('an item that is refused was not sent', async (t) => {
  const { proxy, bodies } = await proxied(t, { decide: () => ({ kind: 'items', pick: (position) => position === 1 }) });
  const { body } = await send(proxy);
  const answer = JSON.parse(body) as { errors: boolean; items: { create: { _id: string; status: number } }[] };
  t.true(answer.errors);
  t.deepEqual(
    answer.items.map(({ create }) => [create._id, create.status]),
    [
      ['1', 201],
      ['2', 429],
      ['3', 201],
    ],
  );
  t.deepEqual(
    bodies.flatMap(bulkItems).map(({ id }) => id),
    ['1', '3'],
  );
  t.is(proxy.counts.get('items dropped'), 1);
});

test('an endless answer goes on until the client leaves', async (t) => {
  const { proxy } = await proxied(t, { decide: () => ({ kind: 'endless' }) });
  const response = await fetch(`${proxy.url}/_bulk`, { method: 'POST', body: BULK });
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > 10_000_000) break;
  }
  t.true(bytes > 10_000_000);
});

test('who has not the right authorization gets 401', async (t) => {
  const { proxy } = await proxied(t, { authorization: 'ApiKey abc' });
  t.is((await send(proxy, { authorization: 'ApiKey abd' })).status, 401);
  t.is((await send(proxy, { authorization: 'ApiKey abc' })).status, 200);
});

test('the same seed gives the same faults, as often as it should', (t) => {
  const kinds = (seed: number) => {
    const decide = seededFaults(seed, 0.5);
    return Array.from({ length: 2000 }, (_, number) => decide({ number, method: 'POST', path: '/i/_bulk?x', body: '' }).kind);
  };
  t.deepEqual(kinds(7), kinds(7));
  t.notDeepEqual(kinds(7), kinds(8));
  const passed = kinds(7).filter((kind) => kind === 'pass').length;
  t.true(passed > 900 && passed < 1100, String(passed));
});

for (const engine of ['opensearch', 'elasticsearch'] as const) {
  test(`${engine}: Elasticsearch's client speaks with it, through TLS and authentication`, async (t) => {
    const server = await SearchServer.start({ engine });
    t.teardown(() => server.stop());
    const authorization = `Basic ${Buffer.from('trilog:s3cret').toString('base64')}`;
    const proxy = await FaultProxy.start({ target: server.url, tls: true, authorization, asElasticsearch: true });
    t.teardown(() => proxy.close());
    const client = new Client({
      node: proxy.url,
      auth: { username: 'trilog', password: 's3cret' },
      tls: { ca: proxy.ca },
      compression: true,
    });
    t.teardown(() => client.close());
    const { items } = await client.bulk({ operations: [{ create: { _index: 'i', _id: '1' } }, { n: 1 }] });
    t.is(items[0]?.create?.status, 201);
    t.is((await client.get({ index: 'i', id: '1' })).found, true);
  });
}
