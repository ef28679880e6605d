import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** What packages name as dependencies, and use only while they are installed: compilers, headers and downloaders. */
const FOR_INSTALLING: ReadonlySet<string> = new Set([
  'adm-zip',
  'global-agent',
  'install-artifact-from-github',
  'nan',
  'node-addon-api',
  'node-gyp',
]);

/**
 * The folders of the npm packages that run, found as Node.js finds them, from what is installed. Unlike `npm ls` it leaves out what only an installation needs,
 * with all that it draws in, and also works where `node_modules` is a link.
 * @param root the folder of the `package.json` to begin with.
 * @returns relative to root, sorted: `node_modules/yargs/node_modules/string-width`
 * @throws where a dependency that is not optional is missing.
 */
export function productionPackages(root: string): string[] {
  const found = new Set<string>();
  const open: string[] = [''];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
    for (const [name, isNeeded] of dependenciesOf(manifest)) {
      const at = resolveFrom(root, folder, name);
      if (at === null && isNeeded) throw new Error(`${name}, which ${folder || 'trilog'} needs, is not installed: run npm ci`);
      if (at === null || found.has(at)) continue;
      found.add(at);
      open.push(at);
    }
  }
  return [...found].sort();
}

/** The names, and whether each has to be there. */
function dependenciesOf({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }: Manifest): Map<string, boolean> {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => peerDependenciesMeta?.[name]?.optional !== true);
  const names = new Map([...Object.keys(dependencies ?? {}), ...peers].map((name) => [name, true]));
  // npm repeats optional ones among the others.
  for (const name of Object.keys(optionalDependencies ?? {})) names.set(name, false);
  for (const name of FOR_INSTALLING) names.delete(name);
  return names;
}

function resolveFrom(root: string, folder: string, name: string): string | null {
  for (let above = folder; ; above = dirname(above)) {
    const at = join(above, 'node_modules', name);
    if (existsSync(join(root, at, 'package.json'))) return at;
    if (above === '' || above === '.') return null;
  }
}

/** Also `LICENSE.lz4` and `LICENSE-MIT`, and not a module `license.js`. */
const LICENCE = /^(licen[cs]e|notice|copying|authors)(?!.*\.([cm]?[jt]s|map)$)/i;
/** Types, sources, maps of sources, build files, documentation. */
const NOT_RUN = /\.(ts|mts|cts|map|md|markdown|flow|c|cc|cpp|cxx|h|hh|hpp|inc|o|a|d|S|gyp|gypi|mk|cmake|in|py|sh|ps1|bat)$/;
/** Folders of a package, right below it. */
const NOT_RUN_FOLDERS: ReadonlySet<string> = new Set(['.github', 'bench', 'benchmark', 'docs', 'example', 'examples', 'test', 'tests']);

/** Of packages with compiled parts, what runs; the rest is sources, what compilers left, and the same for other systems. */
const RUNS: Readonly<Record<string, (arch: string) => readonly string[]>> = {
  'node-rdkafka': () => [
    'package.json',
    'librdkafka.js',
    'lib/',
    'build/Release/node-librdkafka.node',
    'build/deps/librdkafka.so.1',
    'build/deps/librdkafka++.so.1',
  ],
  'onnxruntime-node': (arch) => ['package.json', 'dist/', 'lib/', `bin/napi-v6/linux/${arch}/`],
  re2: () => ['package.json', 're2.js', 'lib/', 'build/Release/re2.node'],
};

/**
 * Whether a file of an npm package has to be where the package runs, on Linux with glibc.
 * @param name the package's, such as `re2` or `@lmdb/lmdb-linux-x64`
 * @param path within the package, with `/`
 * @param arch Node.js' name of the processor, `x64`
 */
export function isNeeded(name: string, path: string, arch: string): boolean {
  const parts = path.split('/');
  if (LICENCE.test(parts.at(-1) ?? '')) return true;
  if (NOT_RUN.test(path) || path.includes('.musl.')) return false;
  if (parts.length > 1 && NOT_RUN_FOLDERS.has(parts[0] ?? '')) return false;
  const runs = RUNS[name]?.(arch);
  return runs === undefined || runs.some((one) => (one.endsWith('/') ? path.startsWith(one) : path === one));
}
