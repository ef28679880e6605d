import type { ProfileName } from '../client.js';

/** Where a profile has what panels show; each can be aggregated. What trilog found is under `trilog` in every profile. */
export interface FieldNames {
  readonly host: string;
  readonly service: string;
  readonly level: string;
}

const FIELDS: Readonly<Record<ProfileName, FieldNames>> = {
  ecs: { host: 'host.name', service: 'service.name', level: 'log.level' },
  otel: { host: 'resource.attributes.host.name', service: 'resource.attributes.service.name', level: 'severity_text' },
  // kolla's strings are text with a keyword beside it.
  kolla: { host: 'Hostname.keyword', service: 'programname.keyword', level: 'log_level.keyword' },
};

export function fieldNames(profile: ProfileName): FieldNames {
  return FIELDS[profile];
}
