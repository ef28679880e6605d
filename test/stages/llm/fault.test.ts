import test from 'ava';
import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';
import { z } from 'zod';
import { type Abilities, ALL_ABILITIES } from '../../../src/stages/llm/abilities.js';
import { connectionError, EndpointError } from '../../../src/stages/llm/endpoint-error.js';
import { faultOf, toldOf } from '../../../src/stages/llm/fault.js';

const NOW = Date.parse('2026-03-02T12:00:00Z');
const LEAST: Abilities = { ...ALL_ABILITIES, format: 'text', logprobs: false };

function answered(status: number, error: object = {}, headers: Record<string, string> = {}): APIError {
  return APIError.generate(status, { error }, undefined, new Headers(headers));
}

function unreachable(code: string): APIConnectionError {
  const thrown = Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error(code), { code }) });
  return new APIConnectionError({ cause: connectionError(thrown) });
}

const outage = (reason: string, operator = false, afterMs: number | null = null) => ({ kind: 'outage', reason, afterMs, operator });

const TABLE: readonly [name: string, error: unknown, abilities: Abilities, fault: object][] = [
  ['nobody listens', unreachable('ECONNREFUSED'), LEAST, outage('refused')],
  ['the connection breaks', unreachable('ECONNRESET'), LEAST, outage('reset')],
  ['no such host', unreachable('ENOTFOUND'), LEAST, outage('dns')],
  ['a certificate that nobody vouches for', unreachable('DEPTH_ZERO_SELF_SIGNED_CERT'), LEAST, outage('tls')],
  ['a certificate that is over', unreachable('CERT_HAS_EXPIRED'), LEAST, outage('tls')],
  ['no connection in time', unreachable('UND_ERR_CONNECT_TIMEOUT'), LEAST, outage('timeout')],
  ['the library gave up', new APIConnectionTimeoutError(), LEAST, outage('timeout')],
  ['no answer in time', new APIConnectionError({ cause: new EndpointError('timeout', '') }), LEAST, outage('timeout')],
  ['an answer without end', new EndpointError('too_large', ''), LEAST, outage('too_large')],
  ['a redirect', new EndpointError('redirect', ''), LEAST, outage('redirect')],
  ['no JSON', new SyntaxError('x'), LEAST, outage('invalid_response')],
  ['no completion', z.string().safeParse(1).error, LEAST, outage('invalid_response')],
  ['a wrong key', answered(401), LEAST, outage('http_401', true)],
  ['no permission', answered(403), LEAST, outage('http_403', true)],
  ['no such model', answered(404, { message: 'no model x' }), ALL_ABILITIES, outage('http_404', true)],
  ['too many requests', answered(429, {}, { 'retry-after': '7' }), LEAST, outage('http_429', false, 7000)],
  [
    'the same, with a date',
    answered(429, {}, { 'retry-after': 'Mon, 02 Mar 2026 12:00:30 GMT' }),
    LEAST,
    outage('http_429', false, 30_000),
  ],
  ['a date that is over', answered(503, {}, { 'retry-after': 'Mon, 02 Mar 2026 11:00:30 GMT' }), LEAST, outage('http_503', false, 0)],
  ['it wants a year', answered(503, {}, { 'retry-after': '31536000' }), LEAST, outage('http_503', false, 600_000)],
  ['it wants nonsense', answered(503, {}, { 'retry-after': 'soon' }), LEAST, outage('http_503')],
  ['the server breaks', answered(500), LEAST, outage('http_500')],
  ['the request is too large', answered(413), ALL_ABILITIES, { kind: 'refused', reason: 'http_413' }],
  ['the prompt is too long', answered(400, { code: 'context_length_exceeded' }), ALL_ABILITIES, { kind: 'refused', reason: 'http_400' }],
  [
    'the same in words',
    answered(400, { message: 'the request exceeds the available context size, try increasing it' }),
    ALL_ABILITIES,
    { kind: 'refused', reason: 'http_400' },
  ],
  ['a filter refuses the content', answered(400, { code: 'content_filter' }), ALL_ABILITIES, { kind: 'refused', reason: 'http_400' }],
  [
    'a parameter is not known',
    answered(400, { param: 'logprobs' }),
    ALL_ABILITIES,
    { kind: 'unsupported', reason: 'http_400', abilities: { ...ALL_ABILITIES, logprobs: false } },
  ],
  [
    'a server that lies about the form of its errors',
    answered(400, { message: { a: 1 }, code: ['x'], param: { toString: 1 } }),
    LEAST,
    { kind: 'refused', reason: 'http_400' },
  ],
  ['a bad request without anything to leave out', answered(400), LEAST, { kind: 'refused', reason: 'http_400' }],
];

for (const [name, error, abilities, fault] of TABLE) test(name, (t) => t.deepEqual<object, object>(faultOf(error, abilities, NOW), fault));

test('what a server says is told without what the configuration keeps secret, in one short line', (t) => {
  const config = { api_key: 'k-4711', headers: { 'x-key': 'h-0815' }, query: { sig: 'q-1234' } };
  const said = toldOf(answered(401, { message: `wrong: k-4711 h-0815 q-1234 \u001b[31m\n${'x'.repeat(1000)}` }), config);
  t.regex(said, /^401 wrong: \*\*\* \*\*\* \*\*\* /);
  t.false(/[\u0000-\u001f]/.test(said));
  t.true(said.length < 400);
  t.is(toldOf(unreachable('ECONNREFUSED'), config), 'ECONNREFUSED');
});
