import { z } from 'zod';
import { httpUrl } from '../../src/config/http-keys.js';
import type { Properties } from './properties.js';

/** `host:port`; an IPv6 address in brackets. */
const broker = z.string().regex(/^(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253}):[1-9][0-9]{0,4}$/, 'host:port');

const file = z.string().min(1);

const tls = z.union([
  z.boolean(),
  z.strictObject({
    ca_file: file.optional().describe('PEM file of the authorities that sign the certificates of the brokers, in place of the usual ones'),
    certificate_file: file.optional().describe('PEM file of the certificate that is shown to the brokers'),
    key_file: file.optional().describe('PEM file of its key'),
    key_password: z.string().min(1).optional().describe('of the key; keep it in the environment, and name that here'),
    verify_hostname: z.boolean().default(true).describe('whether the name in the certificate of a broker must be that of the broker'),
  }),
]);

const login = {
  username: z.string().min(1),
  password: z.string().min(1).describe('keep it in the environment, and name that here'),
};

const sasl = z.discriminatedUnion('mechanism', [
  z.strictObject({ mechanism: z.literal('PLAIN'), ...login }),
  z.strictObject({ mechanism: z.literal('SCRAM-SHA-256'), ...login }),
  z.strictObject({ mechanism: z.literal('SCRAM-SHA-512'), ...login }),
  z.strictObject({
    mechanism: z.literal('GSSAPI'),
    service_name: z.string().min(1).default('kafka').describe('Kerberos name of the brokers'),
    principal: z.string().min(1).optional(),
    keytab_file: file.optional(),
  }),
  z.strictObject({
    mechanism: z.literal('OAUTHBEARER'),
    token_url: httpUrl.describe('where tokens are to be had (OpenID Connect, client credentials)'),
    client_id: z.string().min(1),
    client_secret: z.string().min(1).describe('keep it in the environment, and name that here'),
    scope: z.string().min(1).optional(),
  }),
]);

/** The keys that say how brokers are reached, the same for every Kafka component. */
export const connectionKeys = {
  brokers: z.array(broker).min(1).describe('brokers to begin with, as `host:port`; they name the others'),
  client_id: z.string().min(1).max(255).default('trilog').describe('name by which the brokers know this client, in their logs and quotas'),
  tls: tls
    .default(false)
    .describe('TLS: `true`, or an object of `ca_file`, `certificate_file`, `key_file`, `key_password`, `verify_hostname`'),
  sasl: sasl
    .optional()
    .describe(
      'credentials: `mechanism` PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512 with `username` and `password`; GSSAPI with `service_name`, `principal`, `keytab_file`; OAUTHBEARER with `token_url`, `client_id`, `client_secret`, `scope`',
    ),
};

const connection = z.strictObject(connectionKeys);
export type ConnectionKeys = z.output<typeof connection>;

/** What is wrong with keys that are each right, or null. */
export function connectionProblem({ tls }: Pick<ConnectionKeys, 'tls'>): string | null {
  if (typeof tls === 'boolean') return null;
  if ((tls.certificate_file === undefined) !== (tls.key_file === undefined)) return 'tls: certificate_file and key_file belong together';
  if (tls.key_password !== undefined && tls.key_file === undefined) return 'tls: key_password without key_file';
  return null;
}

/**
 * The connection as librdkafka's properties, secrets among them.
 * @param resolvePath makes a path absolute.
 */
export function connectionProperties(keys: ConnectionKeys, resolvePath: (path: string) => string): Properties {
  return {
    'bootstrap.servers': keys.brokers.join(','),
    'client.id': keys.client_id,
    'security.protocol': protocolOf(keys),
    ...tlsProperties(keys.tls, resolvePath),
    ...(keys.sasl === undefined ? {} : saslProperties(keys.sasl, resolvePath)),
  };
}

/** The parts of librdkafka that the connection needs. */
export function connectionFeatures({ tls, sasl }: Pick<ConnectionKeys, 'tls' | 'sasl'>): readonly string[] {
  return [...(tls === false ? [] : ['ssl']), ...(sasl === undefined ? [] : saslFeatures(sasl.mechanism))];
}

function saslFeatures(mechanism: NonNullable<ConnectionKeys['sasl']>['mechanism']): readonly string[] {
  switch (mechanism) {
    case 'PLAIN':
      return ['sasl_plain'];
    case 'SCRAM-SHA-256':
    case 'SCRAM-SHA-512':
      return ['sasl_scram'];
    case 'GSSAPI':
      return ['sasl_gssapi'];
    case 'OAUTHBEARER':
      return ['sasl_oauthbearer', 'oidc'];
  }
}

function protocolOf({ tls, sasl }: Pick<ConnectionKeys, 'tls' | 'sasl'>): string {
  if (sasl === undefined) return tls === false ? 'plaintext' : 'ssl';
  return tls === false ? 'sasl_plaintext' : 'sasl_ssl';
}

function tlsProperties(tls: ConnectionKeys['tls'], resolvePath: (path: string) => string): Properties {
  if (typeof tls === 'boolean') return {};
  return {
    ...(tls.ca_file === undefined ? {} : { 'ssl.ca.location': resolvePath(tls.ca_file) }),
    ...(tls.certificate_file === undefined ? {} : { 'ssl.certificate.location': resolvePath(tls.certificate_file) }),
    ...(tls.key_file === undefined ? {} : { 'ssl.key.location': resolvePath(tls.key_file) }),
    ...(tls.key_password === undefined ? {} : { 'ssl.key.password': tls.key_password }),
    'ssl.endpoint.identification.algorithm': tls.verify_hostname ? 'https' : 'none',
  };
}

function saslProperties(sasl: NonNullable<ConnectionKeys['sasl']>, resolvePath: (path: string) => string): Properties {
  const mechanism = { 'sasl.mechanism': sasl.mechanism };
  switch (sasl.mechanism) {
    case 'GSSAPI':
      return {
        ...mechanism,
        'sasl.kerberos.service.name': sasl.service_name,
        ...(sasl.principal === undefined ? {} : { 'sasl.kerberos.principal': sasl.principal }),
        ...(sasl.keytab_file === undefined ? {} : { 'sasl.kerberos.keytab': resolvePath(sasl.keytab_file) }),
      };
    case 'OAUTHBEARER':
      return {
        ...mechanism,
        'sasl.oauthbearer.method': 'oidc',
        'sasl.oauthbearer.token.endpoint.url': sasl.token_url,
        'sasl.oauthbearer.client.id': sasl.client_id,
        'sasl.oauthbearer.client.secret': sasl.client_secret,
        ...(sasl.scope === undefined ? {} : { 'sasl.oauthbearer.scope': sasl.scope }),
      };
    default:
      return { ...mechanism, 'sasl.username': sasl.username, 'sasl.password': sasl.password };
  }
}
