import { detached } from '../../record/detached.js';
import { serviceName } from '../../record/profiles/ecs-fragments.js';
import { LEVELS, type LogRecord } from '../../record/record.js';
import { matchesGlob } from './glob.js';
import type { TapRequest } from './request.js';

/** Labels are few, services come from log text: past so many names the remembered answers are dropped. */
const MAX_REMEMBERED = 1024;
/** No name is longer; what is, is cut, so that a hostile one costs no more than others. */
const MAX_NAME_LENGTH = 255;

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

function remembering(matches: (name: string) => boolean): (name: string) => boolean {
  const answers = new Map<string, boolean>();
  return (full) => {
    const name = full.length > MAX_NAME_LENGTH ? full.slice(0, MAX_NAME_LENGTH) : full;
    let answer = answers.get(name);
    if (answer === undefined) {
      answer = matches(name);
      if (answers.size >= MAX_REMEMBERED) answers.clear();
      answers.set(detached(name), answer);
    }
    return answer;
  };
}
