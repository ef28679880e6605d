import winston from 'winston';
import type { ComponentLog } from '../plugin/contract.js';
import { harmless } from '../record/profiles/pretty.js';
import type { LogConfig } from './log-config.js';

/** Messages are our own texts, so they are few; the bound only guards against a slip. */
const MAX_MESSAGES = 1000;

/** The agent's own log: winston on stderr, so that stdout stays free for records. */
export function createLog(config: LogConfig, terminal = process.stderr.isTTY === true): winston.Logger {
  const { combine, timestamp, json, colorize, printf, errors } = winston.format;
  const text = config.format === 'text' || (config.format === 'auto' && terminal);
  const limit = winston.format(repeatLimit(config.repeats_per_minute, Date.now));
  const line = printf(({ level, message, timestamp: time, component, ...fields }) => {
    const rest = Object.entries(fields).map(
      ([name, value]) => ` ${name}=${harmless(typeof value === 'string' ? value : JSON.stringify(value))}`,
    );
    return `${String(time)} ${level} ${component === undefined ? '' : `[${String(component)}] `}${String(message)}${rest.join('')}`;
  });
  return winston.createLogger({
    level: config.level,
    format: combine(limit(), errors({ stack: false }), timestamp(), ...(text ? [...(terminal ? [colorize()] : []), line] : [json()])),
    transports: [new winston.transports.Console({ stderrLevels: ['debug', 'info', 'warn', 'error'] })],
  });
}

/** The log of one component. */
export function componentLog(log: winston.Logger, component: string): ComponentLog {
  const child = log.child({ component });
  return {
    debug: (message, fields) => child.debug(message, fields),
    info: (message, fields) => child.info(message, fields),
    warn: (message, fields) => child.warn(message, fields),
    error: (message, fields) => child.error(message, fields),
  };
}

interface Repeats {
  since: number;
  written: number;
  held: number;
}

/** Lets the same message of the same component through so often a minute, and tells with the next one how many it held back. */
export function repeatLimit(
  perMinute: number,
  now: () => number,
): (info: winston.Logform.TransformableInfo) => winston.Logform.TransformableInfo | false {
  const seen = new Map<string, Repeats>();
  return (info) => {
    const key = `${String(info['component'] ?? '')}\n${info.level}\n${String(info.message)}`;
    let repeats = seen.get(key);
    if (repeats === undefined) {
      if (seen.size >= MAX_MESSAGES) seen.clear();
      repeats = { since: now(), written: 0, held: 0 };
      seen.set(key, repeats);
    }
    if (now() - repeats.since >= 60_000) {
      if (repeats.held > 0) info['held_back'] = repeats.held;
      Object.assign(repeats, { since: now(), written: 0, held: 0 });
    }
    if (repeats.written >= perMinute) {
      repeats.held++;
      return false;
    }
    repeats.written++;
    return info;
  };
}
