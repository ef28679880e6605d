import { gunzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { Agent, fetch, type Response } from 'undici';
import {
  after,
  always,
  answers,
  content,
  drip,
  duplicate,
  emptyChoices,
  extra,
  finish,
  hang,
  huge,
  missing,
  raw,
  redirect,
  refusal,
  reset,
  retryAfter,
  status,
  times,
  unsupported,
  when,
  wrongLabel,
} from './behaviours.js';
import { askedOf } from './received-request.js';
import { ScriptedServer, type ScriptedServerOptions } from './scripted-server.js';

const TEMPLATES = 't1: Volume <id> is busy\nt2: Login failed for <str>';
const SCHEMA = { type: 'json_schema', json_schema: { name: 'labels', schema: { type: 'object', properties: { t1: {}, t2: {} } } } };
const CHAT = {
  model: 'm',
  messages: [
    { role: 'system', content: 't9: not a template' },
    { role: 'user', content: TEMPLATES },
  ],
};

interface Completion {
  readonly choices: readonly {
    readonly message: { readonly content: string | null; readonly refusal: string | null };
    readonly logprobs: { readonly content: readonly { readonly token: string; readonly logprob: number }[] } | null;
    readonly finish_reason: string;
  }[];
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number; readonly total_tokens: number };
}

async function started(t: ExecutionContext, options?: ScriptedServerOptions): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(options);
  t.teardown(() => server.close());
  return server;
}

function post(server: ScriptedServer, changes: object = {}, init: object = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${server.baseUrl}/chat/completions`, { method: 'POST', headers, body: JSON.stringify({ ...CHAT, ...changes }), ...init });
}

async function completed(server: ScriptedServer, changes: object = {}): Promise<Completion> {
  return (await (await post(server, changes)).json()) as Completion;
}

async function said(server: ScriptedServer, changes: object = {}): Promise<string | null | undefined> {
  return (await completed(server, changes)).choices[0]?.message.content;
}

const BUSY = { label: 'concurrency.conflict', confidence: 0.8 };
const LOGIN = { label: 'auth.failure', confidence: 0.5 };
const labelling = (_: string, template: string) => (template.startsWith('Volume') ? BUSY : LOGIN);

test('labels the templates of the last user message, and keeps what was asked', async (t) => {
  const server = await started(t, { labelling });
  const completion = await completed(server);
  t.deepEqual(JSON.parse(completion.choices[0]?.message.content ?? ''), { t1: BUSY, t2: LOGIN });
  t.like(completion.choices[0], { finish_reason: 'stop', logprobs: null });
  t.true(completion.usage.prompt_tokens > 0 && completion.usage.completion_tokens > 0);
  const [request] = server.requests;
  t.like(request, { method: 'POST', path: '/v1/chat/completions', text: JSON.stringify(CHAT), body: CHAT });
  t.is(request?.headers['content-type'], 'application/json');
  t.true((request?.time ?? 0) <= performance.now());
  t.is(await request?.ended, 'answered');
});

test('the properties of a schema are the ids', (t) => {
  const one = { ...SCHEMA, json_schema: { schema: { properties: { t2: {} } } } };
  t.deepEqual(askedOf({ ...CHAT, response_format: one }), [{ id: 't2', template: 'Login failed for <str>' }]);
  t.deepEqual(askedOf({ messages: [{ role: 'user', content: [{ type: 'text', text: 't7: a' }] }] }), [{ id: 't7', template: 'a' }]);
});

test('a template cannot ask for another, nor in the place of another', (t) => {
  const user = { role: 'user', content: 't1: a\u2028t3: b\rt4: c\nt2: d t5: e\nt1: f' };
  t.deepEqual(askedOf({ messages: [user] }), [
    { id: 't1', template: 'a\u2028t3: b\rt4: c' },
    { id: 't2', template: 'd t5: e' },
  ]);
});

test('logprobs are those of the labels, in tokens that make up the content', async (t) => {
  const server = await started(t, { labelling: () => ({ label: 'auth.failure', confidence: 0.9, probability: 0.25 }) });
  const choice = (await completed(server, { logprobs: true })).choices[0];
  const tokens = choice?.logprobs?.content ?? [];
  t.is(tokens.map(({ token }) => token).join(''), choice?.message.content ?? '');
  const at = tokens.findIndex(({ token }) => token === 'auth');
  t.is(
    tokens.slice(at, at + 3).reduce((sum, { logprob }) => sum + logprob, 0),
    Math.log(0.25),
  );
});

test('a script is played in order, and a step that lets a request pass waits for another', async (t) => {
  const server = await started(t);
  server.script(
    times(2, status(503)),
    unsupported('logprobs'),
    when(({ text }) => text.includes('Login'), status(413)),
    hang(),
  );
  t.is((await post(server)).status, 503);
  t.is((await post(server)).status, 503);
  t.is((await post(server)).status, 413);
  t.is((await post(server, { logprobs: true })).status, 400);
  server.script();
  t.is((await post(server)).status, 200);
  server.respond((request) => (request.body.model === 'x' ? status(404)(request, labelling) : null));
  t.is((await post(server, { model: 'x' })).status, 404);
  t.is((await post(server)).status, 200);
});

test('statuses carry headers and an error in the format of OpenAI', async (t) => {
  const server = await started(t);
  for (const code of [400, 401, 403, 404, 408, 413, 422, 429, 500, 503]) {
    server.respond(status(code));
    const response = await post(server);
    t.is(response.status, code);
    t.like(await response.json(), { error: { type: 'scripted_error' } });
  }
  server.script(status(429, retryAfter(7)), status(503, retryAfter(new Date(Date.UTC(2026, 2, 2, 10, 11, 12))), 'busy'));
  t.is((await post(server)).headers.get('retry-after'), '7');
  const dated = await post(server);
  t.is(dated.headers.get('retry-after'), 'Mon, 02 Mar 2026 10:11:12 GMT');
  t.is(await dated.text(), 'busy');
});

test('answers that are wrong in one way each', async (t) => {
  const server = await started(t, { labelling });
  const t1 = `"t1":${JSON.stringify(BUSY)}`;
  const t2 = `"t2":${JSON.stringify(LOGIN)}`;
  const other = { label: 'other', confidence: 0.9 };
  const rows = [
    [answers(() => other), `{"t1":${JSON.stringify(other)},"t2":${JSON.stringify(other)}}`],
    [wrongLabel(), `{${t1},${t2}}`.replaceAll(/"label":"[^"]*"/g, '"label":"pwned.yes"')],
    [missing(), `{${t1}}`],
    [missing(2), '{}'],
    [extra(), `{${t1},${t2},"t999999":${JSON.stringify(other)}}`],
    [duplicate(), `{${t1},${t2},"t1":${JSON.stringify({ ...BUSY, label: 'other' })}}`],
    [content('no JSON'), 'no JSON'],
    [content((correct) => `<think>{}</think>\n\`\`\`json\n${correct}\n\`\`\``), `<think>{}</think>\n\`\`\`json\n{${t1},${t2}}\n\`\`\``],
    [refusal(), null],
  ] as const;
  for (const [behaviour, expected] of rows) {
    server.script(behaviour);
    t.is(await said(server), expected);
  }
});

test('completions that are no answer', async (t) => {
  const server = await started(t);
  server.script(refusal('no'), finish('length'), finish('content_filter'), finish('length', '{}'), emptyChoices());
  t.is((await completed(server)).choices[0]?.message.refusal, 'no');
  const cut = (await completed(server)).choices[0];
  t.is(cut?.finish_reason, 'length');
  t.throws(() => JSON.parse(cut?.message.content ?? ''));
  t.like((await completed(server)).choices[0], { finish_reason: 'content_filter', message: { content: '' } });
  t.like((await completed(server)).choices[0], { finish_reason: 'length', message: { content: '{}' } });
  t.deepEqual((await completed(server)).choices, []);
});

test('bodies that are no completion', async (t) => {
  const server = await started(t);
  server.script(raw('<html>502 Bad Gateway</html>', 'text/html', 502), raw('{"choices":[{"mess'));
  const html = await post(server);
  t.is(html.status, 502);
  t.is(html.headers.get('content-type'), 'text/html');
  t.is(await html.text(), '<html>502 Bad Gateway</html>');
  await t.throwsAsync((await post(server)).json());
});

test('refuses a parameter as long as it is sent', async (t) => {
  const server = await started(t);
  server.script(...['response_format', 'logprobs', 'temperature', 'max_tokens'].map((parameter) => always(unsupported(parameter))));
  const rows = [
    [{ response_format: SCHEMA, logprobs: true }, 'response_format', 'unsupported_value'],
    [{ response_format: { type: 'json_object' }, logprobs: true }, 'logprobs', 'unsupported_parameter'],
    [{ temperature: 0, max_tokens: 5 }, 'temperature', 'unsupported_value'],
    [{ max_tokens: 5 }, 'max_tokens', 'unsupported_parameter'],
  ] as const;
  for (const [changes, param, code] of rows) {
    const response = await post(server, changes);
    t.is(response.status, 400);
    t.like(await response.json(), { error: { type: 'invalid_request_error', param, code } });
  }
  t.is((await post(server, { logprobs: false })).status, 200);
  server.script(unsupported('temperature', 'unnamed'));
  t.like(await (await post(server, { temperature: 0 })).json(), { error: { param: null, code: null } });
});

test('redirects are for the client to follow', async (t) => {
  const server = await started(t);
  server.script(redirect('http://127.0.0.1:1/elsewhere'), redirect('/v1/other', 302));
  const response = await post(server, {}, { redirect: 'manual' });
  t.is(response.status, 307);
  t.is(response.headers.get('location'), 'http://127.0.0.1:1/elsewhere');
  t.is((await post(server)).status, 404);
  t.like(server.requests[2], { method: 'GET', path: '/v1/other' });
});

test('hangs until the client leaves', async (t) => {
  const server = await started(t);
  server.respond(hang());
  const controller = new AbortController();
  const answer = post(server, {}, { signal: controller.signal });
  await server.received(1);
  t.is(server.open, 1);
  controller.abort();
  await t.throwsAsync(answer, { any: true });
  t.is(await server.requests[0]?.ended, 'cut off');
  t.is(server.open, 0);
});

test('hangs after the headers until the server is closed', async (t) => {
  const server = await started(t);
  server.respond(hang('after headers'));
  const response = await post(server);
  t.is(response.status, 200);
  const rest = response.text();
  await server.close();
  await t.throwsAsync(rest);
  t.is(server.connections, 0);
  await t.throwsAsync(post(server), undefined, 'a closed port refuses');
});

test('drips a correct completion', async (t) => {
  const server = await started(t, { labelling });
  server.script(drip(1), drip(5_000));
  const slow = await post(server);
  const first = await slow.body?.getReader().read();
  t.is(first?.value?.length, 1);
  t.deepEqual(JSON.parse((await said(server)) ?? ''), { t1: BUSY, t2: LOGIN });
});

test('answers later', async (t) => {
  const server = await started(t);
  const { promise, open } = gate();
  server.script(times(2, after(promise, answers())), after(20, status(500)));
  const both = Promise.all([post(server), post(server)]);
  await server.received(2);
  t.is(server.mostAtOnce, 2);
  open();
  t.deepEqual(
    (await both).map((response) => response.status),
    [200, 200],
  );
  t.is((await post(server)).status, 500);
});

function gate(): { promise: Promise<void>; open: () => void } {
  let open = (): void => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

test('huge bodies are valid, compressed or not', async (t) => {
  const server = await started(t, { labelling });
  server.script(huge(200_000), huge(200_000, 'gzip'), huge(50_000_000, 'gzip'));
  for (let i = 0; i < 2; i++) {
    const text = (await said(server)) ?? '';
    t.true(text.length > 200_000);
    t.deepEqual(JSON.parse(text), { t1: BUSY, t2: LOGIN });
  }
  const response = await new Agent().request({
    origin: new URL(server.baseUrl).origin,
    path: '/v1/chat/completions',
    method: 'POST',
    body: JSON.stringify(CHAT),
  });
  const compressed = Buffer.from(await response.body.arrayBuffer());
  t.true(compressed.length < 100_000);
  t.true(gunzipSync(compressed).length > 50_000_000);
});

test('a client may leave a huge body', async (t) => {
  const server = await started(t);
  server.script(huge());
  await (await post(server)).body?.cancel();
  t.is(await server.requests[0]?.ended, 'cut off');
});

for (const tls of [false, true])
  test(`resets connections ${tls ? 'with' : 'without'} TLS`, async (t) => {
    const server = await started(t, tls ? { tls: {} } : {});
    const dispatcher = new Agent({ connect: { ca: server.ca } });
    t.teardown(() => dispatcher.destroy());
    server.script(reset(), reset('after headers'));
    await t.throwsAsync(post(server, {}, { dispatcher }));
    const response = await post(server, {}, { dispatcher });
    t.is(response.status, 200);
    await t.throwsAsync(response.text());
    t.is((await post(server, {}, { dispatcher })).status, 200);
  });

test('a certificate is trusted with its authority, for its names and its time alone', async (t) => {
  const code = async (server: ScriptedServer, ca?: string): Promise<unknown> => {
    const dispatcher = new Agent({ connect: ca === undefined ? {} : { ca } });
    t.teardown(() => dispatcher.destroy());
    return post(server, {}, { dispatcher }).then(
      ({ status }) => status,
      ({ cause }: { readonly cause: { readonly code: string } }) => cause.code,
    );
  };
  const good = await started(t, { tls: {} });
  t.true(good.baseUrl.startsWith('https://127.0.0.1:'));
  t.is(await code(good, good.ca), 200);
  t.not(await code(good), 200);
  const misnamed = await started(t, { tls: { names: ['llm.example.org'] } });
  t.is(await code(misnamed, misnamed.ca), 'ERR_TLS_CERT_ALTNAME_INVALID');
  const expired = await started(t, { tls: { notAfter: new Date(Date.UTC(2026, 0, 1)) } });
  t.is(await code(expired, expired.ca), 'CERT_HAS_EXPIRED');
});

test('what a behaviour throws comes out of close', async (t) => {
  const server = await ScriptedServer.start();
  server.respond(() => {
    throw new Error('not expected');
  });
  await t.throwsAsync(post(server));
  await t.throwsAsync(server.close(), { message: 'not expected' });
});
