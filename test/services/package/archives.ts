import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The same package once more, with another version. Quickly made, and large. */
export function withVersion(archive: string, version: string, to: string): string {
  return inFolder((folder) => {
    execFileSync('dpkg-deb', ['--raw-extract', archive, folder]);
    const control = join(folder, 'DEBIAN', 'control');
    writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, `Version: ${version}`));
    return build(folder, to);
  });
}

/** A package `nodejs` of the Node.js that runs here. */
export function nodePackage(architecture: string, to: string): string {
  return inFolder((folder) => {
    mkdirSync(join(folder, 'usr', 'bin'), { recursive: true });
    mkdirSync(join(folder, 'DEBIAN'));
    copyFileSync(process.execPath, join(folder, 'usr', 'bin', 'node'));
    chmodSync(join(folder, 'usr', 'bin', 'node'), 0o755);
    writeFileSync(
      join(folder, 'DEBIAN', 'control'),
      `Package: nodejs\nVersion: ${process.versions.node}\nArchitecture: ${architecture}\nMaintainer: nobody <nobody@localhost>\nDescription: the Node.js of the tests\n`,
    );
    return build(folder, to);
  });
}

function build(folder: string, to: string): string {
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', folder, to]);
  return to;
}

function inFolder<T>(make: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-archive-'));
  chmodSync(folder, 0o755);
  try {
    return make(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
