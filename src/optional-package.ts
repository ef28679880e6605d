import { createRequire } from 'node:module';
import { TrilogError } from './errors.js';

const require = createRequire(import.meta.url);

/** The module, or null where it is not installed or was not built for this machine. */
export function findOptional<Module>(name: string): Module | null {
  try {
    return require(name) as Module;
  } catch {
    return null;
  }
}

/** The module. @throws TrilogError `PACKAGE_MISSING` that names what needs it. */
export function requireOptional<Module>(name: string, neededFor: string): Module {
  try {
    return require(name) as Module;
  } catch (cause) {
    throw new TrilogError('PACKAGE_MISSING', `${neededFor} needs the package "${name}", which could not be loaded`, { cause });
  }
}
