import type { ProfileName } from '../client.js';
import { searchOutputConfig, type Target, targetOf } from '../config.js';
import { wildcardOf } from '../target.js';

export type SetupTarget = Target;

/** Where an output writes that does not say where. */
export function defaultTarget(profile: ProfileName): SetupTarget {
  return targetOf({ data_stream: undefined, index: undefined, profile });
}

/** The pattern of all that a target may be named: a data stream's name, or an index's with `*` for its placeholders. */
export function patternOf(target: SetupTarget): string {
  return target.kind === 'data_stream' ? target.name : wildcardOf(target.pattern);
}

/** A name for what belongs to one target only, so that two targets on one server keep theirs apart: `trilog-flog` for `flog-{date}`. */
export function ownName(target: SetupTarget): string {
  const plain = patternOf(target).replace(/\*/g, '');
  return `trilog-${plain.replace(/[-._]{2,}/g, '-').replace(/[-._]$/, '')}`;
}

/** What keeps templates from being made for a target, or null. */
export function targetProblem(target: SetupTarget): string | null {
  const { data_stream: stream, index } = searchOutputConfig.shape;
  const parsed = target.kind === 'data_stream' ? stream.safeParse(target.name) : index.safeParse(target.pattern);
  if (!parsed.success) return parsed.error.issues.map(({ message }) => message).join('; ');
  return patternOf(target).startsWith('*')
    ? 'an index template for it would apply to every index: begin the name with a word of its own'
    : null;
}
