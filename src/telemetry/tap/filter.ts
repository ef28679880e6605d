import { matchesGlob } from '../../record/glob.js';
import { serviceName } from '../../record/profiles/ecs-fragments.js';
import { LEVELS, type LogRecord } from '../../record/record.js';
import { remembering } from '../../record/remembered-answers.js';
import type { TapRequest } from './request.js';

/** A test for records: all that was asked for must hold. */
export function compileFilter({ labels, level, stage, input, service }: TapRequest): (record: LogRecord) => boolean {
  const levels = level === null ? null : new Set<string>(LEVELS.slice(LEVELS.indexOf(level)));
  const label = labels.length === 0 ? null : remembering((name) => labels.some((glob) => matchesGlob(glob, name)));
  const served = service === null ? null : remembering((name) => matchesGlob(service, name));
  return (record) =>
    (stage === null || record.stage === stage) &&
    (input === null || record.source.input === input) &&
    (levels === null || levels.has(record.level)) &&
    (label === null || label(record.label)) &&
    (served === null || served(serviceName(record)));
}
