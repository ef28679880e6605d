import type { RequestContext } from '../record.js';

const SPACE = 32;

/** The column that starts at `at`: empty for what oslo prints for nothing (`-`, `None`). */
function value(line: string, at: number, end: number): string {
  const length = end - at;
  if (length === 1 && line.charCodeAt(at) === 45) return '';
  if (length === 4 && line.startsWith('None', at)) return '';
  return line.slice(at, end);
}

export function emptyContext(): RequestContext {
  return {
    requestId: '',
    globalRequestId: '',
    userId: '',
    projectId: '',
    domainId: '',
    systemScope: '',
    userDomainId: '',
    projectDomainId: '',
  };
}

/** Whether a bracket at `at` opens a request context: an id, or oslo's `None` or `-` for one. */
export function opensContext(line: string, at: number): boolean {
  switch (line.charCodeAt(at + 1)) {
    case 114:
      return line.startsWith('req-', at + 1);
    case 78:
      return line.startsWith('None ', at + 1);
    case 45: {
      const next = line.charCodeAt(at + 2);
      return next === 93 || (next === SPACE && line.charCodeAt(at + 3) === 45);
    }
    default:
      return false;
  }
}

/**
 * The columns between oslo.log's brackets, from `at` to `end`: one or two ids, then the identity.
 *
 * Six columns (since 4.8.0): user, project, domain, system scope, user's domain, project's domain. Five before that (without the scope), two
 * or one at first (user, project).
 * @param projectFirst DevStack's journal form has names, the project's before the user's.
 */
export function readContext(line: string, at: number, end: number, projectFirst: boolean): RequestContext {
  let next = columnEnd(line, at, end);
  let requestId = value(line, at, next);
  let globalRequestId = '';
  let p = next + 1;
  if (p < end && (line.startsWith('req-', p) || requestId === '')) {
    next = columnEnd(line, p, end);
    globalRequestId = requestId;
    requestId = value(line, p, next);
    p = next + 1;
  }
  let columns = 0;
  let first = '';
  let second = '';
  let third = '';
  let fourth = '';
  let fifth = '';
  let sixth = '';
  while (p < end) {
    next = columnEnd(line, p, end);
    const column = value(line, p, next);
    columns++;
    if (columns === 1) first = column;
    else if (columns === 2) second = column;
    else if (columns === 3) third = column;
    else if (columns === 4) fourth = column;
    else if (columns === 5) fifth = column;
    else if (columns === 6) sixth = column;
    p = next + 1;
  }
  const swapped = projectFirst && columns === 2;
  return {
    requestId,
    globalRequestId,
    userId: swapped ? second : first,
    projectId: swapped ? first : second,
    domainId: third,
    systemScope: columns > 5 ? fourth : '',
    userDomainId: columns > 5 ? fifth : fourth,
    projectDomainId: columns > 5 ? sixth : fifth,
  };
}

function columnEnd(line: string, at: number, end: number): number {
  const blank = line.indexOf(' ', at);
  return blank < 0 || blank > end ? end : blank;
}
