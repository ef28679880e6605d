import { z } from 'zod';
import { headerName, headerValue, httpUrl } from '../../../src/config/http-keys.js';
import { PROFILES, type ProfileName } from './client.js';
import { indexProblem } from './target.js';

/** What servers take in one request by default: Elasticsearch's `http.max_content_length`. */
const MAX_BULK_BYTES = 104_857_600;

/** Names as data streams may have them (https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-create-data-stream). */
const dataStreamName = z
  .string()
  .max(255)
  .regex(/^(?![-_+.])[^A-Z\\/*?"<>| ,#:]+$/, 'a lower-case name without \\ / * ? " < > | , # : or spaces');

const indexName = z.string().check((name) => {
  const problem = indexProblem(name.value);
  if (problem !== null) name.issues.push({ code: 'custom', message: problem, input: name.value });
});

/** A name that stands in a path or a query. */
const pipelineName = z.string().regex(/^[A-Za-z0-9._@-]{1,200}$/, 'a name of letters, digits, . _ @ and -');

export const searchOutputConfig = z
  .strictObject({
    nodes: z.array(httpUrl).min(1).describe('addresses of the nodes; they are asked in turn'),
    api_key: headerValue.min(1).optional().describe('sent as `Authorization: ApiKey`; keep it in the environment, and name that here'),
    username: z.string().min(1).optional().describe('with `password`: basic authentication'),
    password: z.string().min(1).optional().describe('keep it in the environment, and name that here'),
    bearer_token: headerValue.min(1).optional().describe('sent as `Authorization: Bearer`'),
    headers: z.record(headerName, headerValue).default({}).describe('further headers of every request, such as a gateway wants them'),
    ca_file: z.string().min(1).optional().describe('PEM file of the authorities that sign their certificates, in place of the usual ones'),
    ca_fingerprint: z
      .string()
      .regex(/^([0-9a-f]{2}:?){32}$/i, 'a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons')
      .optional()
      .describe('SHA-256 fingerprint of the authority, which the server must then send along; in place of `ca_file`'),
    data_stream: dataStreamName
      .optional()
      .describe(
        'data stream to create documents in; by default `logs-openstack.classified-default`, with `otel` `logs-openstack.otel-default`',
      ),
    index: indexName
      .optional()
      .describe(
        'index in place of a data stream, with {date} (2026.03.02), {month} or {year} of the record; with `kolla` by default `flog-{date}`',
      ),
    profile: z.enum(PROFILES).default('ecs').describe('form of the documents: `ecs`, `otel`, or `kolla` as kolla-ansible names things'),
    pipeline: pipelineName.optional().describe('ingest pipeline that documents go through'),
    bulk_bytes: z.int().min(65_536).max(MAX_BULK_BYTES).default(5_242_880).describe('documents that go in one request, about'),
    bulk_wait_ms: z.int().min(0).max(600_000).default(1000).describe('how long a smaller request waits for more'),
    max_parallel_bulks: z
      .int()
      .min(1)
      .max(64)
      .default(4)
      .describe('requests under way at once, at most; fewer when the server has too much to do'),
    compression: z.boolean().default(true).describe('whether requests are sent compressed (gzip)'),
    request_timeout_ms: z.int().min(100).max(3_600_000).default(60_000).describe('of one request, to the last byte of its answer'),
    max_response_bytes: z.int().min(65_536).max(268_435_456).default(33_554_432).describe('size of an answer, at most'),
    amend: z
      .boolean()
      .default(false)
      .describe(
        'whether documents that were sent unclassified are updated when the language model answers later; needs the right to read them',
      ),
  })
  .check(({ value, issues }) => {
    const problem = contradiction(value);
    if (problem !== null) issues.push({ code: 'custom', message: problem, input: value });
  });

export type SearchOutputKeys = z.output<typeof searchOutputConfig>;

function contradiction(keys: z.output<typeof searchOutputConfig>): string | null {
  const ways = [keys.api_key, keys.username, keys.bearer_token].filter((way) => way !== undefined);
  if (ways.length > 1) return 'only one of api_key, username and bearer_token';
  if ((keys.username === undefined) !== (keys.password === undefined)) return 'username and password belong together';
  if (keys.data_stream !== undefined && keys.index !== undefined) return 'either data_stream or index, not both';
  if (keys.ca_file !== undefined && keys.ca_fingerprint !== undefined) return 'either ca_file or ca_fingerprint, not both';
  const secured = keys.nodes.every((node) => node.startsWith('https:'));
  if ((keys.ca_file !== undefined || keys.ca_fingerprint !== undefined) && !secured)
    return 'a certificate is only checked of nodes with https';
  return null;
}

/** How a server is reached; the same for every use of it. */
export interface Connection {
  readonly nodes: readonly string[];
  /** All headers that are sent besides what says the form of the body. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absolute; null for the usual authorities. */
  readonly caFile: string | null;
  readonly caFingerprint: string | null;
  readonly compression: boolean;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
}

/** `resolvePath` makes a path absolute. */
export function connectionOf(keys: SearchOutputKeys, resolvePath: (path: string) => string): Connection {
  return {
    nodes: keys.nodes,
    headers: { ...keys.headers, ...authorization(keys) },
    caFile: keys.ca_file === undefined ? null : resolvePath(keys.ca_file),
    caFingerprint: keys.ca_fingerprint ?? null,
    compression: keys.compression,
    timeoutMs: keys.request_timeout_ms,
    maxResponseBytes: keys.max_response_bytes,
  };
}

function authorization({ api_key, username, password, bearer_token }: SearchOutputKeys): Record<string, string> {
  if (api_key !== undefined) return { authorization: `ApiKey ${api_key}` };
  if (bearer_token !== undefined) return { authorization: `Bearer ${bearer_token}` };
  if (username === undefined || password === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

/** Where documents go, with what is not configured filled in. */
export type Target = { readonly kind: 'data_stream'; readonly name: string } | { readonly kind: 'index'; readonly pattern: string };

const DEFAULT_TARGETS: Readonly<Record<ProfileName, Target>> = {
  ecs: { kind: 'data_stream', name: 'logs-openstack.classified-default' },
  otel: { kind: 'data_stream', name: 'logs-openstack.otel-default' },
  kolla: { kind: 'index', pattern: 'flog-{date}' },
};

export function targetOf({ data_stream, index, profile }: Pick<SearchOutputKeys, 'data_stream' | 'index' | 'profile'>): Target {
  if (data_stream !== undefined) return { kind: 'data_stream', name: data_stream };
  if (index !== undefined) return { kind: 'index', pattern: index };
  return DEFAULT_TARGETS[profile];
}
