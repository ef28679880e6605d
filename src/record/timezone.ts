import { IANAZone } from 'luxon';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const UTC_NAMES = new Set(['UTC', 'Etc/UTC', 'Etc/UCT', 'GMT', 'Etc/GMT', 'Zulu', 'Etc/Zulu']);

/** Whether a name is one of an IANA zone. Newer engines also know offsets such as `+01:00` as zones; those are none. */
export function isTimezone(name: string): boolean {
  return /^[A-Za-z]/.test(name) && IANAZone.isValidZone(name);
}

/** Whether a day exists; 2026-02-30 does not. `month` is 1 to 12. */
function isDate(year: number, month: number, day: number): boolean {
  if (year < 100 || month < 1 || month > 12 || day < 1) return false;
  if (month === 2 && day === 29) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return day <= (MONTH_DAYS[month - 1] ?? 0);
}

/** Milliseconds since the epoch of a UTC time; NaN where there is no such time. A leap second (60) is the second after it. */
export function utcTime(year: number, month: number, day: number, hour: number, minute: number, second: number): number {
  if (!isDate(year, month, day) || !(hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second <= 60))
    return Number.NaN;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/**
 * Local times of one IANA zone.
 *
 * A time that occurs twice (the clock was set back) is taken as the first of the two. A time that never was (the clock was set forward) is
 * taken as if the clock had not been set, so it lies after the change by as much as it lies into the gap.
 */
export class Zone {
  readonly #zone: IANAZone | null;
  #hour = Number.NaN;
  /** Offset of the hour in milliseconds; NaN where a change is near and each minute has to be asked for. */
  #offset = 0;
  #minute = Number.NaN;
  #minuteOffset = 0;

  /** @param name an IANA name; an unknown one counts as UTC, since the configuration has refused it before. */
  constructor(name: string) {
    this.#zone = UTC_NAMES.has(name) || !isTimezone(name) ? null : IANAZone.create(name);
  }

  /** Milliseconds since the epoch of a local time that {@link utcTime} has read as if it were UTC; NaN stays NaN. */
  toEpoch(local: number): number {
    if (this.#zone === null || Number.isNaN(local)) return local;
    const hour = Math.floor(local / HOUR_MS);
    if (hour !== this.#hour) this.#enterHour(this.#zone, local, hour);
    if (!Number.isNaN(this.#offset)) return local - this.#offset;
    const minute = Math.floor(local / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#minuteOffset = offsetNearChange(this.#zone, minute * MINUTE_MS);
    }
    return local - this.#minuteOffset;
  }

  #enterHour(zone: IANAZone, local: number, hour: number): void {
    const before = zone.offset(local - DAY_MS);
    this.#offset = before === zone.offset(local + DAY_MS) ? before * MINUTE_MS : Number.NaN;
    this.#hour = hour;
  }
}

function offsetNearChange(zone: IANAZone, local: number): number {
  const before = zone.offset(local - DAY_MS);
  const after = zone.offset(local + DAY_MS);
  if (zone.offset(local - before * MINUTE_MS) === before) return before * MINUTE_MS;
  return (zone.offset(local - after * MINUTE_MS) === after ? after : before) * MINUTE_MS;
}

/**
 * The year of a time that names none (RFC 3164): the latest one that puts it not more than a day after now.
 *
 * @param month 1 to 12
 * @param now milliseconds since the epoch
 * @returns local time as {@link utcTime} gives it, to be passed to {@link Zone.toEpoch}; NaN where no year has such a day
 */
export function yearlessTime(month: number, day: number, hour: number, minute: number, second: number, now: number): number {
  const thisYear = new Date(now + DAY_MS).getUTCFullYear();
  // 29 February may lie up to eight years back (1896 to 1904).
  for (let year = thisYear; year > thisYear - 9; year--) {
    const time = utcTime(year, month, day, hour, minute, second);
    // A zone may be up to 14 hours ahead of UTC; a day is meant by the clock of the log, which we do not know better.
    if (time <= now + DAY_MS) return time;
    if (Number.isNaN(time) && !(month === 2 && day === 29)) break;
  }
  return Number.NaN;
}
