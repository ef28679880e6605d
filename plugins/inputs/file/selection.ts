import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import picomatch from 'picomatch';
import { glob, isDynamicPattern } from 'tinyglobby';
import { familyOf } from '../../../src/record/log-name.js';

/** Which files the keys `include` and `exclude` name. */
export class Selection {
  readonly #patterns: readonly string[];
  readonly #included: (path: string) => boolean;
  readonly #excluded: (path: string) => boolean;

  /** Of which list {@link #ownFamilies} are. */
  #own: readonly string[] = [];
  #ownFamilies: ReadonlySet<string> = new Set();

  /**
   * @param folder what relative patterns are relative to
   * @param own files that the agent writes itself now, the same list until there are others; they and what they are rotated to are never selected
   */
  constructor(
    folder: string,
    include: readonly string[],
    exclude: readonly string[],
    readonly own: () => readonly string[] = () => NO_FILES,
  ) {
    this.#patterns = include.map((pattern) => resolve(folder, pattern));
    this.#included = picomatch([...this.#patterns]);
    const isUnwantedName = matcher(
      exclude.filter((pattern) => !pattern.includes('/')),
      true,
    );
    // Paths are absolute, so `logs/b.log` must be too; `**/b.log` matches everywhere as it stands.
    const paths = exclude.filter((pattern) => pattern.includes('/'));
    const isUnwantedPath = matcher(
      paths.map((pattern) => (pattern.startsWith('**/') ? pattern : resolve(folder, pattern))),
      false,
    );
    const isUnwanted = (path: string) => isUnwantedName(path) || isUnwantedPath(path);
    this.#excluded = (path) => isUnwanted(path) || this.#isOwn(path);
  }

  has(path: string): boolean {
    return this.#included(path) && !this.#excluded(path);
  }

  /** Paths of the files that there are now, sorted, each once. */
  async find(): Promise<string[]> {
    // One search per pattern: together they would walk everything below the folder that they share, perhaps `/`.
    const found = await Promise.all(
      this.#patterns.map(async (pattern) =>
        isDynamicPattern(pattern) ? glob(pattern, { absolute: true, expandDirectories: false, cwd: rootOf(pattern) }) : [pattern],
      ),
    );
    return [...new Set(found.flat())].filter((path) => !this.#excluded(path)).sort();
  }

  #isOwn(path: string): boolean {
    const own = this.own();
    if (own !== this.#own) {
      this.#own = own;
      this.#ownFamilies = new Set(own.map(familyOf));
    }
    return this.#ownFamilies.size > 0 && this.#ownFamilies.has(familyOf(path));
  }
}

const NO_FILES: readonly string[] = [];

/** Never true without patterns. `basename`: it is the file name that has to match. */
function matcher(patterns: readonly string[], basename: boolean): (path: string) => boolean {
  return patterns.length === 0 ? () => false : picomatch([...patterns], { basename, dot: true });
}

/** The folder above the first part of a pattern that is not a plain name. */
function rootOf(pattern: string): string {
  const parts = pattern.split('/');
  const first = parts.findIndex((part) => isDynamicPattern(part));
  return parts.slice(0, first).join('/') || '/';
}

/** Paths that, by their names, may hold earlier content of a file of these families; the files themselves among them. */
export async function siblingsOf(families: Iterable<string>): Promise<string[]> {
  const wanted = new Set(families);
  const found: string[] = [];
  for (const folder of new Set([...wanted].map((family) => dirname(family)))) {
    for (const name of await readdir(folder).catch(() => [])) {
      const path = join(folder, name);
      if (wanted.has(familyOf(path))) found.push(path);
    }
  }
  return found;
}
