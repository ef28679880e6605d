import { resolve } from 'node:path';
import { connectionOf, searchOutputConfig } from '../../plugins/outputs/search/config.js';
import { connect } from '../../plugins/outputs/search/connect.js';
import type { SearchAccess } from './setup-run.js';

/** How `setup` reaches the servers that the search outputs of a configuration name: as the outputs do. */
export const searchAccess: SearchAccess = {
  connect: (keys, engine, configDir) => connect(connection(keys, configDir), engine),
  headers: (keys) => connection(keys, '.').headers,
};

function connection(keys: unknown, configDir: string) {
  return connectionOf(searchOutputConfig.parse(keys), (path) => resolve(configDir, path));
}
