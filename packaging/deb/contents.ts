import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { isNeeded, productionPackages } from './modules.js';

const LIB = 'usr/lib/trilog';
const DOC = 'usr/share/doc/trilog';

/** What the command line says about itself. */
export interface Spoken {
  readonly man: string;
  readonly bashCompletion: string;
  readonly zshCompletion: string;
}

/**
 * Lays what the package installs into a folder, as it will lie below `/`. Links in `node_modules` are followed.
 * @param root trilog's folder, built and with its dependencies installed.
 * @param arch Node.js' name of the processor.
 */
export function layContents(root: string, tree: string, spoken: Spoken, arch: string): void {
  const copy = (from: string, to: string): void => place(join(tree, to), readFileSync(join(root, from)));
  const copyFolder = (from: string, to: string, isWanted: (path: string) => boolean): void => {
    for (const path of filesBelow(join(root, from))) if (isWanted(path)) copy(join(from, path), join(to, path));
  };
  // The other form is what the build prepares.
  const isRun = (path: string): boolean => path.endsWith('.js') || path.endsWith('.json');

  copy('package.json', `${LIB}/package.json`);
  copyFolder('dist/src', `${LIB}/dist/src`, isRun);
  copyFolder('dist/plugins', `${LIB}/dist/plugins`, isRun);
  copyFolder('models', `${LIB}/models`, (path) => !path.startsWith('training/') && !path.endsWith('.ts'));
  copyFolder('examples', `${LIB}/examples`, (path) => !path.endsWith('.ts'));
  for (const folder of productionPackages(root)) {
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
    copyFolder(folder, join(LIB, folder), (path) => isNeeded(name, path, arch));
  }

  copyFolder('packaging/systemd', 'usr/lib/systemd/system', (path) => path.endsWith('.service'));
  copy('packaging/deb/files/trilog', 'usr/bin/trilog');
  copy('packaging/deb/files/trilog.yaml', 'etc/trilog/trilog.yaml');

  place(join(tree, 'usr/share/man/man8/trilog.8.gz'), small(spoken.man));
  place(join(tree, 'usr/share/bash-completion/completions/trilog'), spoken.bashCompletion);
  place(join(tree, 'usr/share/zsh/vendor-completions/_trilog'), spoken.zshCompletion);

  copy('LICENSE', `${DOC}/copyright`);
  place(join(tree, DOC, 'changelog.gz'), small(readFileSync(join(root, 'CHANGELOG.md'))));
  copy('README.md', `${DOC}/README.md`);
  copy('packaging/systemd/README.md', `${DOC}/packaging/systemd/README.md`);
  copyFolder('plugins', `${DOC}/plugins`, (path) => path.endsWith('README.md'));
  symlinkSync('../../../lib/trilog/examples', join(tree, DOC, 'examples'));
}

const PROGRAMS: ReadonlySet<string> = new Set(['usr/bin/trilog', 'DEBIAN/postinst', 'DEBIAN/prerm', 'DEBIAN/postrm']);

/** Gives everything the rights that it has once installed, and one time. @param seconds since the epoch. */
export function settle(tree: string, seconds: number): void {
  for (const path of ['', ...readdirSync(tree, { recursive: true, encoding: 'utf8' })]) {
    const at = join(tree, path);
    const entry = lstatSync(at);
    if (entry.isSymbolicLink()) continue;
    chmodSync(at, entry.isDirectory() || PROGRAMS.has(path) ? 0o755 : 0o644);
    utimesSync(at, seconds, seconds);
  }
}

/** All files and no links below a folder, relative to it, sorted. */
export function filesIn(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => lstatSync(join(folder, path)).isFile()).sort();
}

/** The files of an npm package, relative to it, without the packages installed in it. Links to files and folders count as these. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    if (name === 'node_modules') return [];
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path).map((file) => join(name, file)) : [name];
  });
}

function place(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** As `gzip -n9` makes it. */
function small(content: string | Buffer): Buffer {
  return gzipSync(content, { level: 9 });
}
