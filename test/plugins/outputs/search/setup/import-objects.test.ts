import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { importObjects, importProblems } from '../../../../../plugins/outputs/search/setup/import-objects.js';
import { Refused } from '../../../../../plugins/outputs/search/setup/look.js';
import { panelsOf } from '../../../../../plugins/outputs/search/setup/panels.js';
import { ndjsonOf, savedObjectsOf } from '../../../../../plugins/outputs/search/setup/saved-objects.js';
import { defaultTarget } from '../../../../../plugins/outputs/search/setup/target.js';

const OBJECTS = savedObjectsOf(defaultTarget('ecs'), panelsOf('ecs', { labels: ['a.b'], problems: ['a.b'] }));

/** A server that answers everything alike, and what it was asked. */
async function dashboards(t: ExecutionContext, status: number, body: string, headers: Record<string, string> = {}) {
  const asked: { request: IncomingMessage; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    asked.push({ request, body: Buffer.concat(chunks).toString() });
    response.writeHead(status, headers).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { asked, url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/s/ops/`) };
}

for (const [engine, header] of [
  ['elasticsearch', 'kbn-xsrf'],
  ['opensearch', 'osd-xsrf'],
] as const) {
  test(`the objects are imported as a file, with credentials and the header ${header}`, async (t) => {
    const { asked, url } = await dashboards(t, 200, '{"success":true,"successCount":11}');
    await importObjects({ url, headers: { authorization: 'ApiKey secret' }, ca: null }, engine, OBJECTS);
    t.is(asked.length, 1);
    const [{ request, body } = { request: undefined, body: '' }] = asked;
    t.is(`${request?.method} ${request?.url}`, 'POST /s/ops/api/saved_objects/_import?overwrite=true');
    t.is(request?.headers['authorization'], 'ApiKey secret');
    t.truthy(request?.headers[header]);
    t.regex(request?.headers['content-type'] ?? '', /^multipart\/form-data; boundary=/);
    // The server takes files with this ending only.
    t.regex(body, /name="file"; filename="trilog\.ndjson"/);
    t.true(body.includes(ndjsonOf(OBJECTS)));
  });
}

const REFUSALS: readonly [title: string, status: number, body: string, message: RegExp, headers?: Record<string, string>][] = [
  ['refuses', 401, '{"statusCode":401,"error":"Unauthorized","message":"who are you"}', /401 who are you$/],
  ['sends elsewhere, where no credentials go', 302, '', /import: 302/, { location: 'http://127.0.0.1:1/' }],
  ['is no dashboards', 200, '<html>', /no JSON: <html>/],
  [
    'takes some objects only',
    200,
    '{"success":false,"errors":[{"type":"dashboard","id":"trilog-a","error":{"type":"missing_references"}}]}',
    /all: dashboard trilog-a: missing_references$/,
  ],
  ['answers without end', 200, 'x'.repeat(5_000_000), /longer than/],
];

for (const [title, status, body, message, headers] of REFUSALS) {
  test(`a server that ${title} has not imported`, async (t) => {
    const { asked, url } = await dashboards(t, status, body, headers);
    const error = await t.throwsAsync(importObjects({ url, headers: {}, ca: null }, 'opensearch', OBJECTS), { instanceOf: Refused });
    t.regex(error?.message ?? '', message);
    t.is(asked.length, 1);
  });
}

test('an answer that does not say that it worked is a problem', (t) => {
  t.deepEqual(importProblems('{"success":true}'), []);
  t.is(importProblems('{}').length, 1);
  t.is(importProblems('null').length, 1);
  t.deepEqual(importProblems('{"errors":["x",{"type":"a","id":"b"}]}'), ['x', 'a b: no reason given']);
});
