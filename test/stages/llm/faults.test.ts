import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { reach } from '../../../src/stages/llm/reach.js';
import {
  always,
  type Behaviour,
  content,
  drip,
  emptyChoices,
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
  wrongLabel,
} from './behaviours.js';
import { llmConfig, type Opened, opened, server } from './opened.js';

const AUTH = () => ({ label: 'auth.failure', confidence: 0.9 });
const RULES = join(PACKAGE_ROOT, 'examples', 'rules', 'site.yaml');
const KNOWN = { message: 'Export of project 4711 failed: no route to host', logger: 'billing.exporter' } as const;
const LIMITS = { timeout_ms: 400, max_response_bytes: 100_000 };

/** What is wrong, by what it is counted as; null where the template is settled by it and never asked again. */
const FAULTS: readonly [name: string, behaviour: Behaviour, counted: string, heals: boolean][] = [
  ['400', status(400, {}, { error: { message: 'no' } }), 'llm.failed.http_400', true],
  ['401', status(401), 'llm.failed.http_401', true],
  ['403', status(403), 'llm.failed.http_403', true],
  ['404', status(404), 'llm.failed.http_404', true],
  ['408', status(408), 'llm.failed.http_408', true],
  ['429 with Retry-After', status(429, retryAfter(1)), 'llm.failed.http_429', true],
  ['500', status(500), 'llm.failed.http_500', true],
  ['503 with a date', status(503, retryAfter(new Date(Date.now() + 1000))), 'llm.failed.http_503', true],
  ['a hang before the headers', hang(), 'llm.failed.timeout', true],
  ['a hang after the headers', hang('after headers'), 'llm.failed.timeout', true],
  ['1 byte/s', drip(1), 'llm.failed.timeout', true],
  ['50 MB', huge(50_000_000), 'llm.failed.too_large', true],
  ['50 MB in a few kilobytes of gzip', huge(50_000_000, 'gzip'), 'llm.failed.too_large', true],
  ['a page in place of JSON', raw('<html>login</html>', 'text/html'), 'llm.failed.invalid_response', true],
  ['JSON that is cut off', raw('{"choices": [{"mess'), 'llm.failed.invalid_response', true],
  ['JSON of something else', raw('{"hello": []}'), 'llm.failed.invalid_response', true],
  ['no choices', emptyChoices(), 'llm.failed.invalid_response', true],
  ['a connection that breaks at once', reset(), 'llm.failed.reset', true],
  ['a connection that breaks in the answer', reset('after headers'), 'llm.failed.reset', true],
  ['a redirect', redirect('http://127.0.0.1:1/v1/chat/completions'), 'llm.failed.redirect', true],
  ['a wrong label', wrongLabel(), 'llm.rejected.wrong_label', false],
  ['too few answers', missing(), 'llm.rejected.no_answer', false],
  ['words in place of JSON', content('Certainly! It is a failure.'), 'llm.rejected.no_json', false],
  ['an answer that is cut off', finish('length', '{"t1": {"lab'), 'llm.rejected.no_json', false],
  ['a refusal', refusal(), 'llm.rejected.refused', false],
];

/** Says the template until it has a label, or so many times. */
async function untilLabelled({ say }: Opened, message: string): Promise<string | undefined> {
  for (let i = 0; i < 400; i++) {
    const [record] = await say(message);
    if (record?.stage === 'llm') return record.label;
    await pause(20);
  }
  return undefined;
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !condition(); i++) await pause(10);
}

for (const [name, behaviour, counted, heals] of FAULTS) {
  test(`${name}: records go on, and what can heal does`, async (t) => {
    const of = await server(t, { labelling: AUTH });
    of.script(always(behaviour));
    const agent = await opened(t, llmConfig(of.baseUrl, LIMITS), { cascade: { ruleFiles: [RULES] } });
    const records = await agent.say('Wobble refused', KNOWN, 'Wobble refused');
    t.deepEqual(
      records.map(({ label, stage }) => `${label} ${stage}`),
      ['unclassified none', 'telemetry.processing rule', 'unclassified none'],
    );
    await until(() => (agent.counts.get(counted) ?? 0) > 0);
    t.true((agent.counts.get(counted) ?? 0) > 0, [...agent.counts.keys()].join());
    of.script();
    if (heals) t.is(await untilLabelled(agent, 'Wobble refused'), 'auth.failure');
    else {
      const before = of.requests.length;
      t.is((await agent.say('Wobble refused'))[0]?.label, 'unclassified');
      t.is(await untilLabelled(agent, 'Gate refused'), 'auth.failure');
      t.is(of.requests.length, before + 1, 'what was settled is not asked again');
    }
  });
}

test('nobody listens: records go on, the endpoint is left alone after a while, and asked again when it is there', async (t) => {
  const gone = await server(t, { labelling: AUTH });
  const { baseUrl } = gone;
  await gone.close();
  const agent = await opened(t, llmConfig(baseUrl), {
    manner: { waitMs: 0, patience: 1, lingerMs: 0, maxWaiting: 10, longestPauseMs: 1e9 },
  });
  for (let failures = 1; failures <= 5; failures++) {
    t.is((await agent.say(`Wobble ${'x'.repeat(failures)} refused`))[0]?.label, 'unclassified');
    await until(() => agent.counts.get('llm.failed.refused') === failures);
  }
  await until(() => agent.log.said.length > 0);
  t.regex(agent.log.said.join(), /does not answer and is left alone for a while/);
  t.false(agent.cascade.stages.templates?.llm?.answers);
  const hasty = await opened(t, llmConfig(baseUrl), { manner: 'command' });
  t.is((await hasty.say('Wobble refused'))[0]?.label, 'unclassified');
});

test('a server that wants no request for a while gets none, whoever asks, and a command does not wait for long', async (t) => {
  const of = await server(t, { labelling: AUTH });
  const agent = await opened(t, llmConfig(of.baseUrl, { max_concurrent_requests: 4, templates_per_request: 1 }));
  of.script(status(429, retryAfter(1)));
  await agent.say('door refused');
  await until(() => agent.counts.get('llm.failed.http_429') === 1);
  await agent.say('gate refused', 'fence refused');
  await agent.answered(3);
  const [first, ...others] = of.requests.map(({ time }) => time);
  for (const time of others) t.true(time - (first ?? 0) >= 950);
  const command = await opened(t, llmConfig(of.baseUrl), { manner: 'command' });
  of.script(status(429, retryAfter(600)));
  t.is((await command.say('Wobble refused'))[0]?.label, 'unclassified');
  t.is((await command.say('Tumble refused'))[0]?.label, 'unclassified');
});

test('of an endpoint that works, a request that is not taken is its own fault, and only that', async (t) => {
  const of = await server(t, { labelling: AUTH });
  const { say, counts } = await opened(t, llmConfig(of.baseUrl), { manner: 'command' });
  await say('door refused');
  of.respond((request, labelling) => (request.text.includes('nasty wobble') ? status(413)(request, labelling) : null));
  const records = await say('gate refused', 'nasty wobble refused', 'fence refused');
  t.deepEqual(
    records.map(({ label }) => label),
    ['auth.failure', 'unclassified', 'auth.failure'],
  );
  t.is(counts.get('llm.rejected.refused'), 1);
});

test('an endpoint that takes nothing at all is at fault, and no template is given up for it', async (t) => {
  const of = await server(t, { labelling: AUTH });
  of.respond(status(400, {}, { error: { message: 'the request exceeds the available context size' } }));
  const agent = await opened(t, llmConfig(of.baseUrl));
  await agent.say('Wobble refused');
  await until(() => agent.log.said.length > 0);
  t.regex(agent.log.said.join(), /will not have us; its templates wait until that is put right/);
  of.script();
  t.is(await untilLabelled(agent, 'Wobble refused'), 'auth.failure');
});

test('an answer that was cut off gets more room, which is kept where it helped', async (t) => {
  const of = await server(t, { labelling: AUTH });
  const room = (body: { readonly [parameter: string]: unknown }): number => Number(body['max_tokens'] ?? 0);
  of.respond((request, labelling) => (room(request.body) < 4000 ? finish('length', '<think>well')(request, labelling) : null));
  const { say } = await opened(t, llmConfig(of.baseUrl), { manner: 'command' });
  t.is((await say('Wobble refused'))[0]?.label, 'auth.failure');
  const before = of.requests.length;
  t.true(before > 2);
  t.is((await say('Tumble refused'))[0]?.label, 'auth.failure');
  t.is(of.requests.length, before + 1);
  // Another server is behind the address now, and takes less.
  of.respond((request, labelling) =>
    room(request.body) > 1000 ? status(400, {}, { error: { message: 'max_tokens is too large' } })(request, labelling) : null,
  );
  t.is((await say('Ripple refused'))[0]?.label, 'auth.failure');
});

test('a certificate counts when the configuration names its authority', async (t) => {
  const of = await server(t, { tls: {}, labelling: AUTH });
  const stranger = await opened(t, llmConfig(of.baseUrl), { manner: 'command' });
  t.is((await stranger.say('Wobble refused'))[0]?.label, 'unclassified');
  t.is(stranger.counts.get('llm.failed.tls'), 1);
  const folder = mkdtempSync(join(tmpdir(), 'trilog-ca-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'ca.pem'), of.ca);
  const friend = await opened(t, llmConfig(of.baseUrl, { ca_file: join(folder, 'ca.pem') }), { manner: 'command' });
  t.is((await friend.say('Wobble refused'))[0]?.label, 'auth.failure');
});

test('requests go through the proxy that the configuration names', async (t) => {
  const of = await server(t, { labelling: AUTH });
  const through: string[] = [];
  const proxy = await connectProxy(t, through);
  const { say } = await opened(t, llmConfig(of.baseUrl, { proxy }), { manner: 'command' });
  t.is((await say('Wobble refused'))[0]?.label, 'auth.failure');
  t.deepEqual(through, [new URL(of.baseUrl).host]);
});

test('what is wrong with an endpoint is told in words', async (t) => {
  const of = await server(t);
  const signal = AbortSignal.timeout(5000);
  t.is(await reach(llmConfig(of.baseUrl), signal), null, 'a server that does not list its models may have ours');
  await of.close();
  t.regex((await reach(llmConfig(of.baseUrl), signal)) ?? '', /\/v1 \(refused\): connect ECONNREFUSED/);
  const list = createServer((_, response) =>
    response.setHeader('content-type', 'application/json').end('{"data": [{"id": "a"}, {"id": "b"}]}'),
  );
  await new Promise<void>((done) => list.listen(0, '127.0.0.1', done));
  t.teardown(() => list.close());
  const url = `http://127.0.0.1:${(list.address() as AddressInfo).port}/v1`;
  t.regex((await reach(llmConfig(url), signal)) ?? '', /has no model "scripted"; it has a, b$/);
  t.is(await reach(llmConfig(url, { model: 'b' }), signal), null);
});

/** An HTTP proxy (RFC 9110, 9.3.6) that writes down where connections go. */
async function connectProxy(t: ExecutionContext, through: string[]): Promise<string> {
  const proxy = createServer();
  proxy.on('connect', ({ url = '' }, client) => {
    through.push(url);
    const { hostname, port } = new URL(`http://${url}`);
    const there = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      there.pipe(client).pipe(there);
    });
    there.on('error', () => client.destroy());
    client.on('error', () => there.destroy());
  });
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
  t.teardown(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}
