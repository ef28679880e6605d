import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { debianPackage } from '../debian-packages.js';

/** A Debian package that lies unpacked in a folder, with what it needs and this machine has not. */
export class Unpacked {
  private constructor(readonly folder: string) {}

  /** @throws with what is missing, where it cannot be had. */
  static async of(name: string): Promise<Unpacked> {
    return new Unpacked(await debianPackage(name, true));
  }

  /** A file of it, as it would be installed: `usr/sbin/rsyslogd`. */
  file(path: string): string {
    return join(this.folder, path);
  }

  /** Folders `usr/lib/TRIPLET` and `lib/TRIPLET`, whichever there are. */
  get libraryFolders(): string[] {
    return ['usr/lib', 'lib']
      .map((lib) => this.file(lib))
      .filter((lib) => existsSync(lib))
      .flatMap((lib) =>
        readdirSync(lib)
          .filter((name) => name.includes('-linux-'))
          .map((name) => join(lib, name)),
      );
  }
}
