import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Bulk } from '../../../../plugins/outputs/search/bulk.js';
import { elasticsearch, opensearch } from '../../../../plugins/outputs/search/index.js';
import type { SearchOutput } from '../../../../plugins/outputs/search/search-output.js';
import { TryLater } from '../../../../src/plugin/contract.js';
import type { LogRecord } from '../../../../src/record/record.js';
import { record } from '../../../record/sample.js';
import { makeCertificate } from '../../../stages/llm/certificate.js';
import { context } from '../../context.js';
import { type Script, ScriptedSearch } from './scripted-search.js';

const ENGINES = { elasticsearch, opensearch };
const never = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), 'trilog-search-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

async function opened(t: ExecutionContext, keys: object = {}, engine: keyof typeof ENGINES = 'opensearch', search?: ScriptedSearch) {
  const server = search ?? (await ScriptedSearch.start(engine));
  const said: string[] = [];
  const say = (message: string): void => void said.push(message);
  const around = context({ log: { debug: say, info: say, warn: say, error: say } });
  const plugin = ENGINES[engine];
  const output = plugin.create(plugin.config.parse({ nodes: [server.url], ...keys }), around) as SearchOutput;
  t.teardown(async () => {
    await output.close();
    await server.close();
  });
  await output.open();
  return { server, output, said, counts: around.counts };
}

function records(...messages: string[]): LogRecord[] {
  return messages.map((message, i) =>
    record(message, { offset: i * 100, timestamp: Date.parse('2026-03-02T10:11:12.123Z'), format: 'oslo' }),
  );
}

const idOf = (all: readonly LogRecord[], i: number): string => (all[i] as LogRecord).id;
const messagesIn = ({ documents }: ScriptedSearch): string[] => [...documents.values()].map(({ document }) => JSON.parse(document).message);

/** A whole request is answered so. */
function says(status: number, body = '', headers: Record<string, string> = {}): Script {
  return (_, response) => {
    response.writeHead(status, headers).end(body);
    return 'answered';
  };
}

const reset: Script = (_, response) => {
  response.socket?.destroy();
  return 'answered';
};

const halfAnswer: Script = (_, response) => {
  response.writeHead(200, { 'content-length': '900' });
  response.write('{"errors":false,"items":[{"cre', () => response.socket?.destroy());
  return 'answered';
};

const drip: Script = (_, response) => {
  response.write('{"items":[');
  return 'answered';
};

/** As the delivery does it: until nothing is thrown. */
async function writeUntilDone(output: SearchOutput, bulks: readonly Bulk[], errors: string[] = []) {
  for (;;) {
    try {
      return await output.write(bulks, never);
    } catch (error) {
      errors.push((error as Error).message);
    }
  }
}

for (const engine of ['elasticsearch', 'opensearch'] as const) {
  test(`${engine}: each record becomes a document by its id; a repeat is a conflict, and counts as stored`, async (t) => {
    const { server, output, counts } = await opened(t, { api_key: 'c2VjcmV0' }, engine);
    const all = records('one', 'two');
    t.deepEqual(await output.write([output.encode(all)], never), []);
    t.deepEqual(await output.write([output.encode(all)], never), []);
    t.deepEqual(messagesIn(server), ['one', 'two']);
    t.deepEqual([...server.documents.keys()], [idOf(all, 0), idOf(all, 1)]);
    t.is(counts.get('already_there'), 2);
    const [bulk] = server.bulks;
    t.is(bulk?.path, '/logs-openstack.classified-default/_bulk');
    t.is(bulk?.headers.authorization, 'ApiKey c2VjcmV0');
    t.is(bulk?.headers['content-encoding'], 'gzip');
    t.is(bulk?.headers['content-type'], 'application/x-ndjson');
  });

  test(`${engine}: only the documents that were not taken are sent again, and what cannot be taken is rejected with the reason`, async (t) => {
    const { server, output } = await opened(t, {}, engine);
    const all = records('a', 'b', 'c', 'd');
    const bulk = output.encode(all);
    const busy = { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'queue' } };
    const bad = { status: 400, error: { type: 'mapper_parsing_exception', reason: 'no number' } };
    server.script.push(
      () =>
        new Map([
          [idOf(all, 1), busy],
          [idOf(all, 2), bad],
        ]),
    ); // prettier-ignore
    await t.throwsAsync(output.write([bulk], never), {
      message: /1 of 4 documents were not taken: 429 es_rejected_execution_exception: queue/,
    });
    const dead = await output.write([bulk], never);
    t.deepEqual(
      server.bulks.map(({ asked }) => asked.map(({ id }) => id)),
      [all.map(({ id }) => id), [idOf(all, 1)]],
    );
    t.deepEqual(messagesIn(server), ['a', 'd', 'b']);
    t.is(dead.length, 1);
    t.is(dead[0]?.reason, '400 mapper_parsing_exception: no number');
    t.is(JSON.parse(dead[0]?.document ?? '').event.id, idOf(all, 2));
  });

  // The time is to run out in two of them; in the others it is long, since a busy machine takes long, too.
  const MISHAPS: readonly (readonly [name: string, script: Script, error: RegExp, timeoutMs?: number])[] = [
    ['resets the connection', reset, /socket|closed|hang up/],
    ['sends half an answer', halfAnswer, /closed|aborted|terminated/],
    ['sends no JSON', says(200, '<html>'), /JSON/],
    ['answers for fewer documents', says(200, '{"items":[{"create":{"status":201}}]}'), /answered for 1 of 2/],
    ['packs its answer, unasked', says(200, 'x', { 'content-encoding': 'gzip' }), /packed/],
    ['has a fault', says(503, '{"error":"no shards"}'), /503 no shards/],
    ['hangs', () => 'answered', /no complete answer within 1000 ms/, 1000],
    ['drips', drip, /no complete answer within 1000 ms/, 1000],
    ['redirects', says(302, '', { location: 'http://127.0.0.1:1/' }), /302/],
  ];
  for (const [name, script, error, request_timeout_ms = 60_000] of MISHAPS)
    test(`${engine}: a server that ${name} once has every document in the end, once`, async (t) => {
      const { server, output } = await opened(t, { request_timeout_ms }, engine);
      server.script.push(script);
      const errors: string[] = [];
      t.deepEqual(await writeUntilDone(output, [output.encode(records('a', 'b'))], errors), []);
      t.regex(errors[0] ?? '', error);
      t.deepEqual(messagesIn(server), ['a', 'b']);
    });

  test(`${engine}: an answer without end is cut off, and asked for less it says less`, async (t) => {
    const { server, output } = await opened(t, { max_response_bytes: 65_536 }, engine);
    server.script.push((_, response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write(' '.repeat(16_384)));
        if (!response.destroyed) response.once('drain', pour);
      };
      pour();
      return 'answered';
    });
    t.deepEqual(await output.write([output.encode(records('a', 'b'))], never), []);
    t.deepEqual(
      server.bulks.map(({ asked }) => asked.length),
      [2, 1, 1],
    );
    t.deepEqual(messagesIn(server), ['a', 'b']);
  });

  test(`${engine}: a certificate is trusted by file or fingerprint of its authority, and by nothing else`, async (t) => {
    const { key, cert, ca } = await makeCertificate();
    const server = await ScriptedSearch.start(engine, { key, cert: `${cert}\n${ca}` });
    const file = join(folder, `${engine}.pem`);
    writeFileSync(file, ca);
    const fingerprint = new X509Certificate(ca).fingerprint256;
    const stranger = createHash('sha256').update('another').digest('hex');
    const attempt = async (keys: object) => {
      const output = ENGINES[engine].create(ENGINES[engine].config.parse({ nodes: [server.url], ...keys }), context());
      try {
        await output.open();
        return await output.write([output.encode(records('a'))], never);
      } finally {
        await output.close();
      }
    };
    t.teardown(() => server.close());
    t.deepEqual(await attempt({ ca_file: file }), []);
    t.deepEqual(await attempt({ ca_fingerprint: fingerprint }), []);
    await t.throwsAsync(attempt({}), { message: /certificate/ });
    await t.throwsAsync(attempt({ ca_fingerprint: stranger }), { message: /does not show an authority/ });
    await t.throwsAsync(attempt({ ca_file: join(folder, 'none.pem') }), { message: /ca_file: ENOENT/ });
  });
}

test('whoever shows the right authority without being signed by it is not trusted', async (t) => {
  const right = await makeCertificate();
  const wrong = await makeCertificate();
  // The chain names the same authority, but the signature is another's.
  const server = await ScriptedSearch.start('opensearch', { key: wrong.key, cert: `${wrong.cert}\n${right.ca}` });
  t.teardown(() => server.close());
  const keys = { nodes: [server.url], ca_fingerprint: new X509Certificate(right.ca).fingerprint256 };
  const output = opensearch.create(opensearch.config.parse(keys), context());
  t.teardown(() => output.close());
  await output.open();
  await t.throwsAsync(output.write([output.encode(records('a'))], never), { message: /certificate|authority/ });
  t.is(server.documents.size, 0);
});

test('a request that is too large is halved until it fits, and later ones are as small at once', async (t) => {
  const { server, output } = await opened(t);
  const tooLarge: Script = ({ asked }, response) => {
    if (asked.length <= 2) return 'take';
    response.writeHead(413).end();
    return 'answered';
  };
  server.script.push(...Array.from({ length: 8 }, () => tooLarge));
  const messages = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  t.deepEqual(await output.write([output.encode(records(...messages))], never), []);
  t.deepEqual(messagesIn(server), messages);
  const before = server.bulks.length;
  t.deepEqual(
    await output.write(
      [output.encode(records(...messages.map((m) => `${m}${m}`)).map((r) => Object.assign(r, { givenId: r.message })))],
      never,
    ),
    [],
  );
  t.true(server.bulks.slice(before).every(({ asked }) => asked.length <= 2));
});

test('one document that spoils a request for all is found, and the others are stored', async (t) => {
  const { server, output } = await opened(t);
  const spoilt: Script = ({ asked }, response) => {
    if (!asked.some(({ document }) => document.includes('poison'))) return 'take';
    response.writeHead(400).end('{"error":{"type":"illegal_argument_exception","reason":"malformed"}}');
    return 'answered';
  };
  server.script.push(...Array.from({ length: 20 }, () => spoilt));
  const dead = await output.write([output.encode(records('a', 'b', 'poison', 'd', 'e'))], never);
  t.deepEqual(messagesIn(server), ['a', 'b', 'd', 'e']);
  t.deepEqual(
    dead.map(({ document, reason }) => [JSON.parse(document).message, reason]),
    [['poison', '400 illegal_argument_exception: malformed']],
  );
});

test('a document over which the server fails each time is rejected after some tries, and holds up nothing for ever', async (t) => {
  const { server, output } = await opened(t);
  const all = records('a', 'b');
  const fault = { status: 500, error: { type: 'fail_processor_exception', reason: 'no' } };
  const faulty: Script = ({ asked }) => new Map(asked.filter(({ id }) => id === idOf(all, 1)).map(({ id }) => [id, fault]));
  server.script.push(...Array.from({ length: 20 }, () => faulty));
  const errors: string[] = [];
  const dead = await writeUntilDone(output, [output.encode(all)], errors);
  t.is(errors.length, 7);
  t.deepEqual(
    dead.map(({ reason }) => reason),
    ['500 fail_processor_exception: no (each of 8 times)'],
  );
  t.deepEqual(messagesIn(server), ['a']);
});

test('what the server asks to be waited is waited', async (t) => {
  const { server, output } = await opened(t);
  server.script.push(says(429, '{}', { 'retry-after': '7' }));
  const error = await t.throwsAsync(output.write([output.encode(records('a'))], never), { instanceOf: TryLater });
  t.is(error?.afterMs, 7000);
});

test('refused credentials are told loudly, heal, and lose nothing', async (t) => {
  const { server, output, said, counts } = await opened(t);
  const denied = says(401, '{"error":{"type":"security_exception","reason":"expired"}}');
  server.script.push(denied, denied);
  const errors: string[] = [];
  await writeUntilDone(output, [output.encode(records('a'))], errors);
  t.deepEqual(errors, ['401 security_exception: expired', '401 security_exception: expired']);
  t.is(counts.get('refused_requests'), 2);
  t.deepEqual(messagesIn(server), ['a']);
  t.true(said.some((line) => line.includes('refuses documents')));
  t.true(said.some((line) => line.includes('takes documents again')));
});

test('a failure store that took a record is success, and counted', async (t) => {
  const { server, output, counts } = await opened(t, {}, 'elasticsearch');
  const all = records('a');
  server.script.push(() => new Map([[idOf(all, 0), { status: 201, failure_store: 'used' }]]));
  t.deepEqual(await output.write([output.encode(all)], never), []);
  t.is(counts.get('failure_store'), 1);
});

test('a server that is down does not keep the agent from starting; one that lacks the data stream does', async (t) => {
  const output = opensearch.create(opensearch.config.parse({ nodes: ['http://127.0.0.1:1'] }), context());
  await t.notThrowsAsync(output.open());
  await t.throwsAsync(async () => output.check?.(never), { message: /ECONNREFUSED/ });
  await output.close();
  const server = await ScriptedSearch.start();
  t.teardown(() => server.close());
  server.answers.delete('GET /_data_stream/logs-openstack.classified-default');
  const refuse = () => [400, { error: { type: 'illegal_argument_exception', reason: 'no matching index template found' } }] as const;
  server.answers.set('PUT /_data_stream/logs-openstack.classified-default', refuse);
  const lacking = opensearch.create(opensearch.config.parse({ nodes: [server.url] }), context());
  await t.throwsAsync(lacking.open(), { message: /no data stream .*no matching index template found.*trilog setup opensearch/ });
  server.answers.set('PUT /_data_stream/logs-openstack.classified-default', () => [200, { acknowledged: true }]);
  await t.notThrowsAsync(lacking.open());
  const piped = opensearch.create(opensearch.config.parse({ nodes: [server.url], pipeline: 'geo' }), context());
  await t.throwsAsync(piped.open(), { message: /no ingest pipeline geo/ });
  const wrong = elasticsearch.create(elasticsearch.config.parse({ nodes: [server.url] }), context());
  await t.throwsAsync(async () => wrong.check?.(never), { message: /not Elasticsearch.*type: opensearch/ });
  for (const each of [lacking, piped, wrong]) await each.close();
});

test('several nodes are asked in turn, and one that is down is left out', async (t) => {
  const [first, second] = [await ScriptedSearch.start(), await ScriptedSearch.start()];
  const nodes = [first.url, 'http://127.0.0.1:1', second.url];
  const output = opensearch.create(opensearch.config.parse({ nodes }), context());
  t.teardown(async () => {
    await output.close();
    await first.close();
    await second.close();
  });
  await output.open();
  for (let i = 0; i < 9; i++) {
    const one = [Object.assign(record(`m${i}`), { givenId: `id${i}` })];
    await writeUntilDone(output as SearchOutput, [output.encode(one)]);
  }
  t.is(first.documents.size + second.documents.size, 9);
  t.true(first.documents.size > 0 && second.documents.size > 0);
});

test('a dated index is named by the record, and dead letters of any profile hold the whole record', async (t) => {
  const { server, output } = await opened(t, { profile: 'kolla' });
  const all = records('a', 'b').map((each) => Object.assign(each, { logger: 'nova.compute.manager' }));
  const [, second] = all;
  if (second !== undefined) second.timestamp = Date.now();
  const bad = { status: 400, error: { type: 'mapper_parsing_exception', reason: 'no' } };
  server.script.push(() => new Map([[idOf(all, 1), bad]]));
  const dead = await output.write([output.encode(all)], never);
  const [stored] = [...server.documents.values()];
  t.is(stored?.index, 'flog-2026.03.02');
  t.is(JSON.parse(stored?.document ?? '').Payload, 'a');
  t.is(JSON.parse(dead[0]?.document ?? '').log.logger, 'nova.compute.manager');
});
