import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { cached } from '../cache.js';
import { compile, fetchJars } from '../java-tools.js';

const FOLDER = join(PACKAGE_ROOT, 'test', 'services', 'kafka');
const POM = join(FOLDER, 'pom.xml');
const SOURCES = ['KafkaNode.java', 'KafkaCommands.java'].map((name) => join(FOLDER, name));
/** Its brokers run on Java 17. */
const VERSION = '4.4.0';

/** A broker that is ready to be started. */
export interface Installation {
  readonly version: string;
  /** Arguments of `java`: where the classes are, and the one to be started. */
  readonly java: readonly string[];
}

/**
 * Apache Kafka in the cache; fetched by Maven the first time, and its start compiled.
 * @throws with what is missing, where there is no Maven or JDK, or the jars cannot be had.
 */
export async function installation(): Promise<Installation> {
  const digest = createHash('sha256');
  for (const file of [POM, ...SOURCES]) digest.update(readFileSync(file));
  const home = await cached(`kafka-${VERSION}-${digest.digest('hex').slice(0, 12)}`, async (folder) => {
    const lib = join(folder, 'lib');
    await fetchJars(POM, { 'kafka.version': VERSION }, lib);
    await compile(SOURCES, lib, join(folder, 'classes'));
  });
  return { version: VERSION, java: ['-cp', `${join(home, 'classes')}:${join(home, 'lib', '*')}`, 'KafkaNode'] };
}
