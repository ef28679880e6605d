import { z } from 'zod';

/** A property of librdkafka and its value. */
export type Properties = Readonly<Record<string, string | number | boolean>>;

/** Properties as librdkafka takes them: those of a topic are read in a place of their own, and ignored without a word in the other. */
export interface SplitProperties {
  readonly global: Properties;
  readonly topic: Properties;
}

/** Read for each topic, and nowhere else (librdkafka 2.12.0, CONFIGURATION.md). `compression.*` are both; `acks` and its kin are among those that trilog sets. */
const OF_TOPICS: ReadonlySet<string> = new Set([
  'request.required.acks',
  'acks',
  'request.timeout.ms',
  'message.timeout.ms',
  'delivery.timeout.ms',
  'queuing.strategy',
  'produce.offset.report',
  'partitioner',
  'compression.level',
  'auto.commit.enable',
  'auto.commit.interval.ms',
  'auto.offset.reset',
  'offset.store.path',
  'offset.store.sync.interval.ms',
  'offset.store.method',
  'consume.callback.max.messages',
]);

/** Set by every Kafka component, and the key to use in their place. */
const OWNED: Readonly<Record<string, string>> = {
  'bootstrap.servers': '`brokers`',
  'metadata.broker.list': '`brokers`',
  'client.id': '`client_id`',
  'security.protocol': '`tls` and `sasl`',
  'ssl.ca.location': '`tls.ca_file`',
  'ssl.certificate.location': '`tls.certificate_file`',
  'ssl.key.location': '`tls.key_file`',
  'ssl.key.password': '`tls.key_password`',
  'ssl.endpoint.identification.algorithm': '`tls.verify_hostname`',
  'sasl.mechanism': '`sasl.mechanism`',
  'sasl.mechanisms': '`sasl.mechanism`',
  'sasl.username': '`sasl.username`',
  'sasl.password': '`sasl.password`',
  'sasl.kerberos.service.name': '`sasl.service_name`',
  'sasl.kerberos.principal': '`sasl.principal`',
  'sasl.kerberos.keytab': '`sasl.keytab_file`',
  'sasl.oauthbearer.method': '`sasl.token_url`',
  'sasl.oauthbearer.client.id': '`sasl.client_id`',
  'sasl.oauthbearer.client.secret': '`sasl.client_secret`',
  'sasl.oauthbearer.token.endpoint.url': '`sasl.token_url`',
  'sasl.oauthbearer.scope': '`sasl.scope`',
  'log.queue': 'nothing: trilog sets it',
};

/**
 * The key `librdkafka`: properties that have no key of their own.
 * @param owned further properties that the component sets, with the key (as text) that stands in their place.
 */
export function passedThrough(owned: Readonly<Record<string, string>>): z.ZodType<Properties> {
  const refused = { ...OWNED, ...owned };
  return z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).check(({ value, issues }) => {
    // Of the whole, not of the name: what is told of a single value shows it, and it may be a password.
    for (const name of Object.keys(value)) {
      const problem = refusal(name, refused);
      if (problem !== null) issues.push({ code: 'custom', message: problem, input: value });
    }
  });
}

function refusal(name: string, refused: Readonly<Record<string, string>>): string | null {
  if (Object.hasOwn(refused, name)) return `\`${name}\` is trilog's to set; in its place: ${refused[name]}`;
  if (name === 'event_cb' || name.endsWith('_cb')) return `\`${name}\` is a function, which a configuration cannot give`;
  return null;
}

/** Each property where librdkafka reads it. */
export function split(properties: Properties): SplitProperties {
  const entries = Object.entries(properties);
  return {
    global: Object.fromEntries(entries.filter(([name]) => !OF_TOPICS.has(name))),
    topic: Object.fromEntries(entries.filter(([name]) => OF_TOPICS.has(name))),
  };
}
