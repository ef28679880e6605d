import { errorSummary } from '../exception.js';
import { type Level, LogRecord } from '../record.js';
import { standsAt } from '../text-at.js';
import { exchangeInMessage } from './access.js';
import { stripDebugSuffix } from './debug-suffix.js';
import { opensContext, readContext } from './oslo-context.js';
import type { DecodeState } from './state.js';

const SPACE = 32;
const BRACKET = 91;
const INSTANCE = '[instance: ';
/** A word that names an instance is a uuid, or at worst a name; anything longer is text. */
const LONGEST_INSTANCE = 64;

/** Level words as oslo.log and its forebears print them, each with the blank behind it; by first letter in {@link levelWordAt}. */
const WORDS: readonly (readonly [word: string, level: Level])[] = [
  ['INFO ', 'INFO'],
  ['DEBUG ', 'DEBUG'],
  ['WARNING ', 'WARNING'],
  ['ERROR ', 'ERROR'],
  ['CRITICAL ', 'CRITICAL'],
  ['TRACE ', 'TRACE'],
  ['AUDIT ', 'INFO'],
  ['WARN ', 'WARNING'],
  ['FATAL ', 'CRITICAL'],
];

/** Index into {@link WORDS} of the level at `at`; -1 where there is none. */
function levelWordAt(line: string, at: number): number {
  switch (line.charCodeAt(at)) {
    case 73:
      return line.startsWith('INFO ', at) ? 0 : -1;
    case 68:
      return line.startsWith('DEBUG ', at) ? 1 : -1;
    case 87:
      return line.startsWith('WARNING ', at) ? 2 : line.startsWith('WARN ', at) ? 7 : -1;
    case 69:
      return line.startsWith('ERROR ', at) ? 3 : -1;
    case 67:
      return line.startsWith('CRITICAL ', at) ? 4 : -1;
    case 84:
      return line.startsWith('TRACE ', at) ? 5 : -1;
    case 65:
      return line.startsWith('AUDIT ', at) ? 6 : -1;
    case 70:
      return line.startsWith('FATAL ', at) ? 8 : -1;
    default:
      return -1;
  }
}

/**
 * What follows the time in oslo.log's text: `25746 INFO nova.compute.manager [None req-… …] [instance: …] text`. The process id, the logger's
 * bracket and the instance may be missing. Null where there is no level.
 *
 * Columns are found by their characters and not by a regular expression, because every line of most files comes through here.
 */
export function decodeOslo(line: string, at: number, timestamp: number, offset: number, state: DecodeState): LogRecord | null {
  let p = at;
  let pid = 0;
  for (let digit = line.charCodeAt(p) - 48; digit >= 0 && digit <= 9; digit = line.charCodeAt(p) - 48) {
    pid = pid * 10 + digit;
    p++;
  }
  if (p > at) {
    if (line.charCodeAt(p) !== SPACE || p - at > 10) return null;
    p++;
  }
  return decodeLevelled(line, p, timestamp, pid, false, offset, state);
}

/** The same from the level on, as DevStack writes to the journal: `INFO nova.compute.manager [None req-… project user] text`. */
export function decodeLevelled(
  line: string,
  at: number,
  timestamp: number,
  pid: number,
  projectFirst: boolean,
  offset: number,
  state: DecodeState,
): LogRecord | null {
  const index = levelWordAt(line, at);
  const row = WORDS[index];
  if (row === undefined) return null;
  let p = at + row[0].length;
  // Aligned formats pad the level.
  while (line.charCodeAt(p) === SPACE) p++;
  let logger = '';
  if (line.charCodeAt(p) !== BRACKET) {
    const blank = line.indexOf(' ', p);
    const end = blank < 0 ? line.length : blank;
    // supervisord has no loggers: `INFO spawned: 'nova-api' with pid 12`.
    if (line.charCodeAt(end - 1) !== 58) {
      logger = state.names.get(line, p, end);
      p = Math.min(end + 1, line.length);
    }
  }
  let level = row[1];
  let context = null;
  let bracket = false;
  if (line.charCodeAt(p) === BRACKET && opensContext(line, p)) {
    const close = line.indexOf(']', p);
    if (close > 0) {
      bracket = true;
      if (close > p + 2) context = readContext(line, p + 1, close, projectFirst, state.identities);
      p = close + 1;
      if (line.charCodeAt(p) === SPACE) p++;
    }
  }
  let instanceId = '';
  if (line.charCodeAt(p) === BRACKET && standsAt(line, INSTANCE, p)) {
    const close = line.indexOf(']', p);
    if (close > 0 && close - p - INSTANCE.length <= LONGEST_INSTANCE) {
      instanceId = line.slice(p + INSTANCE.length, close);
      p = close + 1;
      if (line.charCodeAt(p) === SPACE) p++;
    }
  }
  const record = new LogRecord(state.source, offset, line.slice(p));
  if (!bracket && (index === 3 || index === 5)) {
    state.traceback = true;
    // In the first releases every line of a traceback says TRACE, whatever the record's level: it is an error, not chatter.
    level = 'ERROR';
  }
  record.timestamp = timestamp;
  record.level = level;
  record.logger = logger;
  record.format = 'oslo';
  record.pid = pid;
  record.context = context;
  record.instanceId = instanceId;
  if (level === 'INFO') {
    const first = line.charCodeAt(p);
    if ((first >= 48 && first <= 57) || logger.endsWith('wsgi') || logger.endsWith('.server')) {
      record.http = exchangeInMessage(record.message, logger);
    }
  } else if (level === 'DEBUG') stripDebugSuffix(record);
  else if (!state.traceback) record.error = errorSummary(record.message, level);
  return record;
}
