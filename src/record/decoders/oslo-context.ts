import { type Identity, NOBODY, type RequestContext } from '../record.js';
import type { TextCache } from '../text-cache.js';

const SPACE = 32;

/** The column that starts at `at`: empty for what oslo prints for nothing (`-`, `None`). */
function value(line: string, at: number, end: number): string {
  const length = end - at;
  if (length === 1 && line.charCodeAt(at) === 45) return '';
  if (length === 4 && line.startsWith('None', at)) return '';
  return line.slice(at, end);
}

/** A request of which only the id is known. */
export function requestOnly(requestId: string): RequestContext {
  return { requestId, globalRequestId: '', identity: NOBODY };
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
export function readContext(line: string, at: number, end: number, projectFirst: boolean, identities: TextCache<Identity>): RequestContext {
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
  if (p >= end) return { requestId, globalRequestId, identity: NOBODY };
  return { requestId, globalRequestId, identity: projectFirst ? readIdentity(line, p, end, true) : identities.get(line, p, end) };
}

/** The columns of an identity, as a whole text. */
export function identityOf(text: string): Identity {
  return readIdentity(text, 0, text.length, false);
}

function readIdentity(line: string, at: number, end: number, projectFirst: boolean): Identity {
  const columns: string[] = [];
  for (let p = at; p < end && columns.length < 7; ) {
    const next = columnEnd(line, p, end);
    columns.push(value(line, p, next));
    p = next + 1;
  }
  const [first = '', second = '', third = '', fourth = '', fifth = '', sixth = ''] = columns;
  const swapped = projectFirst && columns.length === 2;
  const scoped = columns.length > 5;
  return {
    userId: swapped ? second : first,
    projectId: swapped ? first : second,
    domainId: third,
    systemScope: scoped ? fourth : '',
    userDomainId: scoped ? fifth : fourth,
    projectDomainId: scoped ? sixth : fifth,
  };
}

function columnEnd(line: string, at: number, end: number): number {
  const blank = line.indexOf(' ', at);
  return blank < 0 || blank > end ? end : blank;
}
