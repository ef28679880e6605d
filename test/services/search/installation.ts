import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../../plugins/outputs/search/client.js';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { cached } from '../cache.js';
import { compile, fetchJars } from '../java-tools.js';

const SOURCES = join(PACKAGE_ROOT, 'test', 'services', 'search');

/** One module of a server, as its distribution has it: a folder of jars with a descriptor, loaded by a class loader of its own. */
interface Module {
  readonly name: string;
  readonly plugin: string;
  /** The names of its jars begin so. */
  readonly jars: readonly string[];
  readonly extends?: string;
}

/** A server as Maven Central has it. */
interface Distribution {
  readonly version: string;
  /** The class that starts one node, compiled from the file of this name beside the pom.xml. */
  readonly main: string;
  readonly modules: readonly Module[];
  /** What `java` is given to find the classes. */
  readonly java: (classes: string, lib: string) => readonly string[];
}

/** The newest that run on Java 17. */
const DISTRIBUTIONS = {
  opensearch: {
    version: '2.19.6',
    main: 'OpenSearchNode',
    java: (classes, lib) => ['-cp', `${classes}:${join(lib, '*')}`],
    modules: [
      {
        name: 'lang-painless',
        plugin: 'org.opensearch.painless.PainlessPlugin',
        jars: ['lang-painless-', 'opensearch-scripting-painless-spi-', 'asm-', 'antlr4-runtime-'],
      },
      {
        name: 'analysis-common',
        plugin: 'org.opensearch.analysis.common.CommonAnalysisPlugin',
        jars: ['analysis-common-'],
        extends: 'lang-painless',
      },
      {
        name: 'ingest-common',
        plugin: 'org.opensearch.ingest.common.IngestCommonPlugin',
        jars: ['ingest-common-'],
        extends: 'lang-painless',
      },
      { name: 'mapper-extras', plugin: 'org.opensearch.index.mapper.MapperExtrasPlugin', jars: ['mapper-extras-client-'] },
      { name: 'reindex', plugin: 'org.opensearch.index.reindex.ReindexPlugin', jars: ['reindex-client-'], extends: 'lang-painless' },
      { name: 'transport-netty4', plugin: 'org.opensearch.transport.Netty4Plugin', jars: ['transport-netty4-client-', 'netty-'] },
    ],
  },
  elasticsearch: {
    version: '8.19.6',
    main: 'ElasticsearchNode',
    // Its loader of modules asks for named Java modules.
    java: (classes, lib) => ['-cp', classes, '--module-path', lib, '--add-modules', 'ALL-MODULE-PATH,jdk.net'],
    modules: [
      { name: 'transport-netty4', plugin: 'org.elasticsearch.transport.netty4.Netty4Plugin', jars: ['transport-netty4-', 'netty-'] },
    ],
  },
} as const satisfies Readonly<Record<Engine, Distribution>>;

/** A server that is ready to be started. */
export interface Installation {
  readonly engine: Engine;
  readonly version: string;
  /** The folder with `modules/`; nothing is written into it. */
  readonly home: string;
  /** Arguments of `java`: where the classes are. */
  readonly java: readonly string[];
  /** The class to be started. */
  readonly main: string;
}

/**
 * The server in the cache; fetched by Maven the first time, laid out as its distribution is, and its start compiled.
 * @throws with what is missing, where there is no Maven or JDK, or the jars cannot be had.
 */
export async function installation(engine: Engine): Promise<Installation> {
  const { version, main, java, modules }: Distribution = DISTRIBUTIONS[engine];
  const pom = join(SOURCES, engine, 'pom.xml');
  const source = join(SOURCES, engine, `${main}.java`);
  const digest = createHash('sha256').update(JSON.stringify(modules));
  for (const file of [pom, source]) digest.update(readFileSync(file));
  const home = await cached(`${engine}-${version}-${digest.digest('hex').slice(0, 12)}`, async (folder) => {
    const lib = join(folder, 'lib');
    await fetchJars(pom, { 'engine.version': version }, lib);
    await compile([source], lib, join(folder, 'classes'));
    for (const module of modules) layOut(folder, module, engine, version);
  });
  return { engine, version, home, java: java(join(home, 'classes'), join(home, 'lib')), main };
}

function layOut(home: string, { name, plugin, jars, ...rest }: Module, engine: Engine, version: string): void {
  const folder = join(home, 'modules', name);
  mkdirSync(folder, { recursive: true });
  const wanted = readdirSync(join(home, 'lib')).filter((file) => jars.some((start) => file.startsWith(start)));
  for (const file of wanted) renameSync(join(home, 'lib', file), join(folder, file));
  const descriptor = {
    description: name,
    version,
    name,
    classname: plugin,
    'java.version': '11',
    [`${engine}.version`]: version,
    'extended.plugins': rest.extends ?? '',
    'has.native.controller': 'false',
  };
  const lines = Object.entries(descriptor).map(([key, value]) => `${key}=${value}\n`);
  writeFileSync(join(folder, 'plugin-descriptor.properties'), lines.join(''));
}
