import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { SearchRequest } from '../../plugins/outputs/search/client.js';
import { TemplateServer } from '../plugins/outputs/search/setup/template-server.js';
import { folderWith, MAIN } from './trilog.js';

/** A template server behind HTTP that imports saved objects, too, and what credentials it was shown. */
async function listening(t: ExecutionContext) {
  const templates = new TemplateServer('opensearch');
  const credentials = new Set<string>();
  let imported = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    credentials.add(String(request.headers.authorization));
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/api/saved_objects/_import') {
      imported++;
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"success":true}');
      return;
    }
    const asked: SearchRequest = {
      method: request.method === 'PUT' ? 'PUT' : 'GET',
      path: pathname,
      query: Object.fromEntries(searchParams),
      ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
    };
    const { status, body } = await templates.request(asked);
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close().closeAllConnections());
  return { templates, credentials, imported: () => imported, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function setup(args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, 'setup', 'opensearch', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const [status] = await once(child, 'close');
  return { status, out, err };
}

test('the server and the credentials are those of the output, for the dashboards too', async (t) => {
  const { templates, credentials, imported, url } = await listening(t);
  const folder = folderWith(t, {
    'trilog.yaml': `data_dir: data
inputs: { a: { type: file, include: [x.log] } }
outputs: { search: { type: opensearch, nodes: ["${url}"], username: me, password: secret, index: "kolla-{date}", profile: kolla, compression: false } }
`,
  });
  const config = ['-c', join(folder, 'trilog.yaml')];
  const shown = await setup(config);
  t.is(shown.status, 0, shown.err);
  t.regex(shown.out, /^\+ state management policy trilog-kolla: to be made\n/);
  t.deepEqual(templates.changes, []);

  const applied = await setup([...config, '--apply', '--yes', '--dashboards-url', url]);
  t.is(applied.status, 0, applied.err);
  t.regex(applied.out, /installed, and read back as wanted: 4\nsaved objects imported: 11\n$/);
  t.is(templates.changes.length, 4);
  t.is(imported(), 1);
  t.deepEqual([...credentials], [`Basic ${Buffer.from('me:secret').toString('base64')}`]);

  const again = await setup([...config, '--apply', '--yes']);
  t.regex(again.out, /nothing to do\n$/);
  t.is(templates.changes.length, 4);
  for (const { out, err } of [shown, applied, again]) t.notRegex(out + err, /secret/);
});

test('a server that is not there ends setup with its status', async (t) => {
  const folder = folderWith(t, {
    'trilog.yaml': `data_dir: data
inputs: { a: { type: file, include: [x.log] } }
outputs: { search: { type: opensearch, nodes: ["http://127.0.0.1:1"] } }
`,
  });
  const { status, err } = await setup(['-c', join(folder, 'trilog.yaml'), '--apply', '--yes']);
  t.is(status, 69);
  t.regex(err, /CONNECT_FAILED/);
});
