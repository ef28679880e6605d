import type * as Rdkafka from 'node-rdkafka';
import { TrilogError } from '../../src/errors.js';
import { findOptional } from '../../src/optional-package.js';

/** What is used of node-rdkafka, the binding of librdkafka. */
export type KafkaLibrary = Pick<typeof Rdkafka, 'Producer' | 'KafkaConsumer' | 'features' | 'librdkafkaVersion'>;

/** Parts of librdkafka that are there only where their headers were when it was compiled, as it names them, and the Debian package that gives them. */
const PACKAGES: Readonly<Record<string, string>> = {
  ssl: 'libssl-dev',
  sasl_scram: 'libssl-dev',
  sasl_oauthbearer: 'libssl-dev',
  sasl_gssapi: 'libsasl2-dev',
  oidc: 'libcurl4-openssl-dev and libssl-dev',
  zstd: 'libzstd-dev',
  gzip: 'zlib1g-dev',
};

/**
 * The library. It is loaded when a configuration asks for it, not before.
 * @param features what the configuration needs of it, as librdkafka names them (`ssl`, `sasl_gssapi`, `zstd` …).
 * @throws TrilogError `KAFKA_MISSING` where it is not installed or was built without a feature.
 */
export function kafkaLibrary(features: readonly string[], find: () => KafkaLibrary | null = installed): KafkaLibrary {
  const library = find();
  if (library === null)
    throw new TrilogError('KAFKA_MISSING', 'node-rdkafka cannot be loaded: it is not installed, or was not compiled for this machine');
  const missing = missingFeature(features, library.features);
  if (missing !== null) throw new TrilogError('KAFKA_MISSING', missing);
  return library;
}

/** What to say where something is needed that the library was built without; null where all is there. */
export function missingFeature(needed: readonly string[], built: readonly string[]): string | null {
  const absent = needed.filter((feature) => !built.includes(feature));
  if (absent.length === 0) return null;
  const packages = [...new Set(absent.flatMap((feature) => PACKAGES[feature] ?? []))];
  const remedy = packages.length === 0 ? '' : `; install ${packages.join(' and ')}, then \`npm rebuild node-rdkafka\``;
  return `node-rdkafka was compiled without ${absent.join(', ')}${remedy}`;
}

function installed(): KafkaLibrary | null {
  return findOptional<KafkaLibrary>('node-rdkafka');
}
