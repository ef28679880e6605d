import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/paths.js';
import { version } from '../../src/version.js';
import { filesIn, layContents, settle } from './contents.js';
import { control, debianArchitecture, debianVersion } from './control.js';
import { spoken } from './spoken.js';

export interface BuiltPackage {
  readonly file: string;
  readonly bytes: number;
  /** As the control file says it: of files, without what the file system adds. */
  readonly installedKiB: number;
  /** npm packages that are optional, and were not compiled here. */
  readonly without: readonly string[];
}

const HERE = join(PACKAGE_ROOT, 'packaging', 'deb');
const SCRIPTS = ['postinst', 'prerm', 'postrm'];
const COMPILED = ['node-rdkafka', 're2'];
const CONFFILES = ['/etc/trilog/trilog.yaml'];

/**
 * Makes `trilog_VERSION_ARCHITECTURE.deb` in a folder, from the built checkout and the dependencies that are installed in it; the same bytes for the same commit and
 * dependencies. Needs dpkg-deb, dpkg-shlibdeps and strip (Debian's dpkg-dev and binutils).
 * @throws where one of them is missing or fails, or a dependency is not installed.
 */
export async function buildPackage(folder: string): Promise<BuiltPackage> {
  const epoch = sourceDate();
  const architecture = debianArchitecture(process.arch);
  const tree = mkdtempSync(join(tmpdir(), 'trilog-deb-'));
  try {
    const date = new Date(epoch * 1000).toISOString().slice(0, 10);
    layContents(PACKAGE_ROOT, tree, await spoken(PACKAGE_ROOT, date), process.arch);
    mkdirSync(join(tree, 'DEBIAN'));
    const compiled = filesIn(tree).filter((path) => /\.node$|\.so(\.\d+)*$/.test(path));
    for (const path of compiled) execFileSync('strip', ['--strip-unneeded', join(tree, path)]);
    const libraries = sharedLibraries(tree, compiled);
    const files = filesIn(tree);
    const installedKiB = files.reduce((sum, path) => sum + Math.ceil(statSync(join(tree, path)).size / 1024), 0);

    const say = (name: string, text: string): void => writeFileSync(join(tree, 'DEBIAN', name), text);
    say('control', control({ version: version(), architecture, installedKiB, node: process.versions.node, libraries }));
    say('conffiles', `${CONFFILES.join('\n')}\n`);
    say('md5sums', checksums(tree, files));
    for (const name of SCRIPTS) copyFileSync(join(HERE, 'scripts', name), join(tree, 'DEBIAN', name));
    settle(tree, epoch);

    mkdirSync(folder, { recursive: true });
    const file = join(folder, `trilog_${debianVersion(version())}_${architecture}.deb`);
    const env = { ...process.env, SOURCE_DATE_EPOCH: String(epoch) };
    execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', tree, file], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    const without = COMPILED.filter((name) => !compiled.some((path) => path.includes(`/node_modules/${name}/`)));
    return { file, bytes: statSync(file).size, installedKiB, without };
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

/** Seconds since the epoch: SOURCE_DATE_EPOCH (reproducible-builds.org), else the last commit's time. */
function sourceDate(): number {
  const said = process.env['SOURCE_DATE_EPOCH'];
  return Number(said ?? execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: PACKAGE_ROOT, encoding: 'utf8' }));
}

/** The packages whose libraries the compiled parts need, with the versions from which on these have what is used. */
function sharedLibraries(tree: string, compiled: readonly string[]): string {
  // It wants a source package around it.
  const folder = mkdtempSync(join(tmpdir(), 'trilog-shlibs-'));
  try {
    mkdirSync(join(folder, 'debian'));
    writeFileSync(join(folder, 'debian', 'control'), 'Source: trilog\n\nPackage: trilog\nArchitecture: any\n');
    const own = [...new Set(compiled.map((path) => `-l${join(tree, dirname(path))}`))];
    const files = compiled.map((path) => join(tree, path));
    const { status, stdout, stderr, error } = spawnSync('dpkg-shlibdeps', ['-O', `-S${tree}`, ...own, ...files], {
      cwd: folder,
      encoding: 'utf8',
    });
    // It also warns of what add-ons take from the program that loads them.
    const errors = (stderr ?? '').split('\n').filter((line) => line.includes('error: '));
    if (status !== 0) throw new Error(error?.message ?? errors.join('\n'), { cause: error });
    return stdout.trim().replace('shlibs:Depends=', '');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** For `dpkg --verify`; conffiles have theirs in dpkg's own list. */
function checksums(tree: string, files: readonly string[]): string {
  const md5 = (path: string): string =>
    createHash('md5')
      .update(readFileSync(join(tree, path)))
      .digest('hex');
  const listed = files.filter((path) => !CONFFILES.includes(`/${path}`));
  return listed.map((path) => `${md5(path)}  ${path}\n`).join('');
}
