import type { Engine, ProfileName } from './client.js';

/** The `mappings` of an index template for documents of a profile. */
export function mappingOf(_profile: ProfileName, _engine: Engine): object {
  return { dynamic: false, properties: { '@timestamp': { type: 'date' } } };
}

/** The `settings` of an index template. */
export function indexSettings(_engine: Engine): Readonly<Record<string, unknown>> {
  return { 'index.mapping.ignore_malformed': true, 'index.refresh_interval': '5s' };
}
