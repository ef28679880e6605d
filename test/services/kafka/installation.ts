import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { cached } from '../cache.js';
import { compile, fetchJars, pack } from '../java-tools.js';

const FOLDER = join(PACKAGE_ROOT, 'test', 'services', 'kafka');
const POM = join(FOLDER, 'pom.xml');
const SOURCES = ['KafkaNode.java', 'KafkaCommands.java', 'NumberedRecords.java'].map((name) => join(FOLDER, name));
/** Its brokers run on Java 17. */
const VERSION = '4.4.0';

/** A broker that is ready to be started. */
export interface Installation {
  readonly version: string;
  /** Of its folder in the cache. */
  readonly name: string;
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
  const name = `kafka-${VERSION}-${digest.digest('hex').slice(0, 12)}`;
  const home = await cached(name, async (folder) => {
    const lib = join(folder, 'lib');
    await fetchJars(POM, { 'kafka.version': VERSION }, lib);
    const classes = join(folder, 'classes');
    await compile(SOURCES, lib, classes);
    // An archive of loaded classes takes no folders.
    await pack(classes, join(lib, 'kafka-node.jar'));
    rmSync(classes, { recursive: true });
  });
  const jars = readdirSync(join(home, 'lib')).toSorted();
  return { version: VERSION, name, java: ['-cp', jars.map((jar) => join(home, 'lib', jar)).join(':'), 'KafkaNode'] };
}
