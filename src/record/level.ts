import type { Level } from './record.js';

const NORMAL: ReadonlyMap<string, Level> = new Map<string, Level>([
  ['TRACE', 'TRACE'],
  ['DEBUG', 'DEBUG'],
  ['DBG', 'DEBUG'],
  ['INFO', 'INFO'],
  ['NOTICE', 'INFO'],
  ['NOTE', 'INFO'],
  ['SYSTEM', 'INFO'],
  ['AUDIT', 'INFO'],
  ['WARN', 'WARNING'],
  ['WARNING', 'WARNING'],
  ['ERR', 'ERROR'],
  ['ERROR', 'ERROR'],
  ['CRIT', 'CRITICAL'],
  ['CRITICAL', 'CRITICAL'],
  ['FATAL', 'CRITICAL'],
  ['ALERT', 'CRITICAL'],
  ['EMER', 'CRITICAL'],
  ['EMERG', 'CRITICAL'],
  ['EMERGENCY', 'CRITICAL'],
]);
const LONGEST = 9;

/** The level that a word of any program and case stands for; empty for any other word. */
export function levelOf(word: string): Level {
  return NORMAL.get(word) ?? (word.length <= LONGEST ? (NORMAL.get(word.toUpperCase()) ?? '') : '');
}

const SEVERITIES: readonly Level[] = ['CRITICAL', 'CRITICAL', 'CRITICAL', 'ERROR', 'WARNING', 'INFO', 'INFO', 'DEBUG'];

/** The level of a syslog severity, 0 (emergency) to 7 (debug); empty for another number. */
export function levelOfSeverity(severity: number): Level {
  return SEVERITIES[severity] ?? '';
}
