import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { isObject } from '../record/json-object.js';

/** Conditions under which Node.js takes an entry of `exports` for `import`. */
const CONDITIONS: ReadonlySet<string> = new Set(['node', 'import', 'module-sync', 'default']);

/**
 * The file that `import` takes for a package's name (`pkg`, `@scope/pkg`, `pkg/part`), seen from `folder`; null where no such package exports
 * one. For packages whose `exports` know only `import`, which `require.resolve` refuses; `import.meta.resolve` cannot be asked for another
 * folder than its own. Exact subpaths only, no patterns. (Node.js, "Modules: Packages", package entry points.)
 */
export function esmEntry(specifier: string, folder: string): string | null {
  const [name, subpath] = split(specifier);
  for (const modules of createRequire(resolve(folder, 'trilog.yaml')).resolve.paths(name) ?? []) {
    const manifest = join(modules, name, 'package.json');
    let text: string;
    try {
      text = readFileSync(manifest, 'utf8');
    } catch {
      continue;
    }
    const { exports } = JSON.parse(text) as { exports?: unknown };
    const root = dirname(manifest);
    const target = exportedAs(exports, subpath);
    if (target === null) return null;
    const file = resolve(root, target);
    return relative(root, file).startsWith('..') ? null : file;
  }
  return null;
}

/** What `exports` names for a subpath (`.`, `./part`), or null. The first condition that holds wins, as it is written. */
export function exportedAs(exports: unknown, subpath: string): string | null {
  const isMap = isObject(exports) && Object.keys(exports).some((key) => key.startsWith('.'));
  if (isMap) return target(exports[subpath]);
  return subpath === '.' ? target(exports) : null;
}

function target(value: unknown): string | null {
  if (typeof value === 'string') return value.startsWith('./') ? value : null;
  const choices = Array.isArray(value)
    ? value
    : isObject(value)
      ? Object.entries(value).flatMap(([condition, choice]) => (CONDITIONS.has(condition) ? [choice] : []))
      : [];
  for (const choice of choices) {
    const found = target(choice);
    if (found !== null) return found;
  }
  return null;
}

/** `@scope/pkg/part` is `./part` of `@scope/pkg`. */
function split(specifier: string): [name: string, subpath: string] {
  const parts = specifier.split('/');
  const length = specifier.startsWith('@') ? 2 : 1;
  return [parts.slice(0, length).join('/'), ['.', ...parts.slice(length)].join('/')];
}
