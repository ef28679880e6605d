import { TrilogError } from '../errors.js';
import type { SearchAccess } from './setup-run.js';

/** How `setup` reaches the servers that outputs name. There is no such output yet, so nothing gets here. */
export const searchAccess: SearchAccess = {
  connect: async () => {
    throw new TrilogError('CONNECT_FAILED', 'there is no output for search servers in this build');
  },
  headers: () => ({}),
};
