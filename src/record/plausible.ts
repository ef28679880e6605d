import type { HttpExchange, LogRecord } from './record.js';

/** The years 1 to 9999, which every form of a date can say. */
const EARLIEST = -62_135_596_800_000;
const LATEST = 253_402_300_799_999;
const LONGEST_DURATION_S = 1e6;

/** Milliseconds since the epoch, NaN where the year has not one to four digits: Date throws on some of those, receivers refuse the others. */
export function plausibleTime(time: number): number {
  return time >= EARLIEST && time <= LATEST ? time : Number.NaN;
}

function countOr(value: number, absent: number): number {
  return Number.isSafeInteger(value) && value >= 0 ? value : absent;
}

function checkExchange(http: HttpExchange): void {
  http.status = http.status <= 999 ? countOr(http.status, -1) : -1;
  http.bytes = countOr(http.bytes, -1);
  if (!(http.duration >= 0 && http.duration <= LONGEST_DURATION_S)) http.duration = -1;
}

/**
 * Takes out of a decoded record what no program meant: times and numbers that receivers would refuse, and the whole batch with them. One place,
 * since any line may hold any number of digits where a decoder reads one.
 */
export function dropImplausible(record: LogRecord): void {
  record.timestamp = plausibleTime(record.timestamp);
  record.pid = countOr(record.pid, 0);
  record.fileLine = countOr(record.fileLine, 0);
  if (record.http !== null) checkExchange(record.http);
}
