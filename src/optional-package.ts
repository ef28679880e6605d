import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The module, or null where it is not installed or was not built for this machine. */
export function findOptional<Module>(name: string): Module | null {
  try {
    return require(name) as Module;
  } catch {
    return null;
  }
}
