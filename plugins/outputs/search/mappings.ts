import type { Engine, ProfileName } from './client.js';

const KEYWORD = { type: 'keyword' };
const TEXT = { type: 'text', fields: { keyword: KEYWORD } };
const host = { properties: { name: KEYWORD } };
const OWN: Readonly<Record<ProfileName, object>> = {
  ecs: { host, service: host, log: { properties: { level: KEYWORD } } },
  otel: { severity_text: KEYWORD, resource: { properties: { attributes: { properties: { host, service: host } } } } },
  kolla: { Hostname: TEXT, programname: TEXT, log_level: TEXT },
};

/** The `mappings` of an index template for documents of a profile. */
export function mappingOf(profile: ProfileName, _engine: Engine): object {
  const trilog = { label: KEYWORD, stage: KEYWORD, novel: { type: 'boolean' }, template_id: KEYWORD, template: { type: 'text' } };
  return { dynamic: false, properties: { '@timestamp': { type: 'date' }, trilog: { properties: trilog }, ...OWN[profile] } };
}

/** The `settings` of an index template. */
export function indexSettings(_engine: Engine): Readonly<Record<string, unknown>> {
  return { 'index.mapping.ignore_malformed': true, 'index.refresh_interval': '5s' };
}
