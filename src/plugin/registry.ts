import { createRequire } from 'node:module';
import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { plugin as kafkaKnowledge } from '../../plugins/knowledge/kafka/index.js';
import { TrilogError } from '../errors.js';
import type { InputPlugin, OutputPlugin, Plugin } from './contract.js';
import { esmEntry } from './esm-entry.js';

/** A component that comes with trilog. */
interface BuiltIn {
  readonly kind: Plugin['kind'];
  readonly type: string;
  load(): Promise<Plugin>;
}

/** Each is imported only when a configuration names it, or when all are listed: an agent has no use for the code of the others. */
const BUILT_IN: readonly BuiltIn[] = [
  { kind: 'input', type: 'file', load: async () => (await import('../../plugins/inputs/file/index.js')).plugin },
  { kind: 'input', type: 'kafka', load: async () => (await import('../../plugins/inputs/kafka/index.js')).plugin },
  { kind: 'input', type: 'forward', load: async () => (await import('../../plugins/inputs/forward/index.js')).plugin },
  { kind: 'input', type: 'stdin', load: async () => (await import('../../plugins/inputs/stdin/index.js')).plugin },
  { kind: 'input', type: 'journald', load: async () => (await import('../../plugins/inputs/journald/index.js')).plugin },
  { kind: 'output', type: 'file', load: async () => (await import('../../plugins/outputs/file/index.js')).plugin },
  { kind: 'output', type: 'stdout', load: async () => (await import('../../plugins/outputs/stdout/index.js')).plugin },
  { kind: 'output', type: 'forward', load: async () => (await import('../../plugins/outputs/forward/index.js')).plugin },
  { kind: 'output', type: 'elasticsearch', load: async () => (await import('../../plugins/outputs/search/index.js')).elasticsearch },
  { kind: 'output', type: 'opensearch', load: async () => (await import('../../plugins/outputs/search/index.js')).opensearch },
  { kind: 'output', type: 'kafka', load: async () => (await import('../../plugins/outputs/kafka/index.js')).plugin },
];

/** The components that come with trilog. */
export async function builtInPlugins(): Promise<readonly Plugin[]> {
  return await Promise.all(BUILT_IN.map(({ load }) => load()));
}

/** Where agents share what their language models answered. */
export const MEMORY_TABLE = kafkaKnowledge;

export interface PluginOf {
  input: InputPlugin;
  output: OutputPlugin;
}

/**
 * The plugin that a `type:` names: a built-in one, else a module of the user's by path (relative to `folder`) or package name.
 * @throws TrilogError `PLUGIN_NOT_FOUND`, or `PLUGIN_INVALID` where the module is no plugin of this kind.
 */
export async function findPlugin<Kind extends Plugin['kind']>(kind: Kind, type: string, folder: string): Promise<PluginOf[Kind]> {
  const builtIn = BUILT_IN.find((plugin) => plugin.kind === kind && plugin.type === type);
  if (builtIn !== undefined) return (await builtIn.load()) as PluginOf[Kind];
  const module = await loadForeign(kind, type, folder);
  const plugin: unknown = (module as { plugin?: unknown }).plugin;
  const fault = faultOf(plugin, kind);
  if (fault !== null) throw new TrilogError('PLUGIN_INVALID', `"${type}": ${fault}`);
  return plugin as PluginOf[Kind];
}

async function loadForeign(kind: string, type: string, folder: string): Promise<unknown> {
  const isPath = type.startsWith('./') || type.startsWith('../') || isAbsolute(type);
  let file: string;
  try {
    file = isPath ? resolve(folder, type) : entryOf(type, folder);
  } catch (cause) {
    const known = BUILT_IN.filter((plugin) => plugin.kind === kind).map((plugin) => plugin.type);
    throw new TrilogError(
      'PLUGIN_NOT_FOUND',
      `there is no ${kind} "${type}": neither built in (${known.join(', ')}) nor an installed package. Name a package that is installed beside the configuration, or the path of a module, such as ./my-${kind}.js`,
      { cause },
    );
  }
  try {
    return await import(pathToFileURL(file).href);
  } catch (cause) {
    throw new TrilogError(
      'PLUGIN_NOT_FOUND',
      `the ${kind} "${type}" could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/** @throws where there is no such package. */
function entryOf(type: string, folder: string): string {
  try {
    return createRequire(resolve(folder, 'trilog.yaml')).resolve(type);
  } catch (cause) {
    // It may be there, but for `import` alone.
    const entry = esmEntry(type, folder);
    if (entry === null) throw cause;
    return entry;
  }
}

/** What keeps a module's `plugin` from being one, or null. */
function faultOf(plugin: unknown, kind: Plugin['kind']): string | null {
  if (typeof plugin !== 'object' || plugin === null) return 'it exports no `plugin`';
  const { kind: found, type, summary, config, create } = plugin as Record<string, unknown>;
  if (found !== kind) return `its \`plugin.kind\` is ${JSON.stringify(found)}, not "${kind}"`;
  if (typeof type !== 'string' || typeof summary !== 'string') return '`plugin.type` and `plugin.summary` must be strings';
  if (typeof (config as { safeParse?: unknown } | undefined)?.safeParse !== 'function') return '`plugin.config` must be a zod schema';
  if (typeof create !== 'function') return '`plugin.create` must be a function';
  return null;
}
