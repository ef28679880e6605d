import type { ProfileName } from '../client.js';

/** Where documents go: a data stream, or an index whose name may have placeholders. */
export type SetupTarget = { readonly kind: 'data_stream'; readonly name: string } | { readonly kind: 'index'; readonly pattern: string };

/** `flog-` is what kolla-ansible names its indices by, so that dashboards made for those go on. */
const DEFAULT_TARGETS: Readonly<Record<ProfileName, SetupTarget>> = {
  ecs: { kind: 'data_stream', name: 'logs-openstack.classified-default' },
  otel: { kind: 'data_stream', name: 'logs-openstack.otel-default' },
  kolla: { kind: 'index', pattern: 'flog-{date}' },
};

export function defaultTarget(profile: ProfileName): SetupTarget {
  return DEFAULT_TARGETS[profile];
}

/** The pattern of all that a target may be named: a data stream's name, or an index's with `*` for its placeholders. */
export function patternOf(target: SetupTarget): string {
  return target.kind === 'data_stream' ? target.name : target.pattern.replace(/\{[a-z]+\}/g, '*').replace(/\*+/g, '*');
}

/** A name for what belongs to one target only, so that two targets on one server keep theirs apart: `trilog-flog` for `flog-{date}`. */
export function ownName(target: SetupTarget): string {
  return `trilog-${patternOf(target)
    .replace(/\*/g, '')
    .replace(/[-._]{2,}/g, '-')
    .replace(/[-._]+$/, '')}`;
}

/** What keeps templates from being made for a target, or null. */
export function targetProblem(target: SetupTarget): string | null {
  if (target.kind === 'data_stream') {
    // https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-create-data-stream
    return /^(?![-_+.])[^A-Z\\/*?"<>| ,#:]{1,255}$/.test(target.name)
      ? null
      : 'a data stream has a lower-case name without \\ / * ? " < > | , # : or spaces, and does not begin with - _ + or .';
  }
  if (!/^[a-z0-9][a-z0-9._+-]*$/.test(target.pattern.replace(/\{(date|month|year|group)\}/g, 'x')))
    return 'an index has a lower-case name of letters, digits, . _ + - and {date}, {month} or {year}';
  return patternOf(target).startsWith('*')
    ? 'an index template for it would apply to every index: begin the name with a word of its own'
    : null;
}
