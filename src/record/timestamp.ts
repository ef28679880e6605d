import { detached } from './detached.js';
import { standsAt } from './text-at.js';
import { utcTime, yearlessTime, Zone } from './timezone.js';

const SECOND_LENGTH = 19;
const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const SPACE = 32;

/** The number in `count` decimal digits from `at` on; -1 where there is another character. */
export function digitsAt(text: string, at: number, count: number): number {
  let number = 0;
  for (let i = at; i < at + count; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/** 1 to 12 for an English month name of three letters at `at`, else 0. */
export function monthAt(text: string, at: number): number {
  const index = MONTHS.indexOf(text.slice(at, at + 3));
  return index >= 0 && index % 3 === 0 && text.length >= at + 3 ? index / 3 + 1 : 0;
}

/** Reads the timestamps of one source. The second last seen is kept, since most lines of a log share theirs with the line before. */
export class TimestampReader {
  /** Position after the timestamp that was read last; -1 where there was none. */
  end = -1;
  readonly zone: Zone;
  #second = '';
  #utc = Number.NaN;
  #local = Number.NaN;

  /**
   * @param timezone IANA name for timestamps without a zone
   * @param now milliseconds since the epoch, for timestamps without a year
   */
  constructor(
    timezone: string,
    readonly now: () => number,
  ) {
    this.zone = new Zone(timezone);
  }

  /**
   * ISO-like: `2026-03-02 10:11:12`, with `T` or a blank, with an optional fraction (`.123`, `,123`) and an optional zone (`Z`, `+00:00`,
   * `+0000`). Returns milliseconds since the epoch (what is finer is dropped), NaN for an impossible time; see {@link end}.
   */
  iso(text: string, at: number): number {
    if (this.#second === '' || !standsAt(text, this.#second, at)) {
      if (!this.#enterSecond(text, at)) {
        this.end = -1;
        return Number.NaN;
      }
    }
    let p = at + SECOND_LENGTH;
    let milliseconds = 0;
    let code = text.charCodeAt(p);
    if (code === 46 || code === 44) {
      let scale = 100;
      for (p++; ; p++) {
        code = text.charCodeAt(p);
        if (!(code >= 48 && code <= 57)) break;
        milliseconds += (code - 48) * scale;
        scale = scale === 100 ? 10 : scale === 10 ? 1 : 0;
      }
    }
    this.end = p;
    if (code === SPACE) return this.#local + milliseconds;
    if (code === 90) {
      this.end = p + 1;
      return this.#utc + milliseconds;
    }
    if (code === 43 || code === 45) {
      const offset = this.offset(text, p);
      if (!Number.isNaN(offset)) return this.#utc + milliseconds - offset;
    }
    return this.#local + milliseconds;
  }

  /** `+01:00`, `-0130` at `at`, in milliseconds, and moves {@link end} behind it; NaN where there is none. */
  offset(text: string, at: number): number {
    const hours = digitsAt(text, at + 1, 2);
    const colon = text.charCodeAt(at + 3) === 58 ? 1 : 0;
    const minutes = digitsAt(text, at + 3 + colon, 2);
    if (hours < 0 || minutes < 0) return Number.NaN;
    this.end = at + 5 + colon;
    return (text.charCodeAt(at) === 45 ? -1 : 1) * (hours * 60 + minutes) * 60_000;
  }

  /** RFC 3164: `Mar  2 10:11:12`, in a journal also with a fraction after the seconds; the year is found by {@link yearlessTime}. */
  rfc3164(text: string, at: number): number {
    this.end = -1;
    const month = monthAt(text, at);
    const day = dayAt(text, at + 4);
    if (month === 0 || day < 0 || text.charCodeAt(at + 3) !== SPACE || text.charCodeAt(at + 6) !== SPACE) return Number.NaN;
    const time = this.#clock(text, at + 7);
    if (time < 0) return Number.NaN;
    const milliseconds = this.#fraction(text, at + 15);
    const second = time % 100;
    const utc = yearlessTime(month, day, Math.floor(time / 10_000), Math.floor(time / 100) % 100, second, this.now());
    return this.zone.toEpoch(utc) + milliseconds;
  }

  /** C's asctime as Apache and uWSGI have it: `Mon Mar  2 10:11:12 2026`, with an optional fraction after the seconds. */
  asctime(text: string, at: number): number {
    this.end = -1;
    const month = monthAt(text, at + 4);
    const day = dayAt(text, at + 8);
    const time = this.#clock(text, at + 11);
    if (month === 0 || day < 0 || time < 0) return Number.NaN;
    const milliseconds = this.#fraction(text, at + 19);
    const year = digitsAt(text, this.end + 1, 4);
    this.end = year < 0 ? -1 : this.end + 5;
    return year < 0 ? Number.NaN : this.#at(year, month, day, time) + milliseconds;
  }

  /**
   * Common log format and its kin: `02/Mar/2026:10:11:12 +0000`, a blank or a slash between date and time, the time's parts joined by colons
   * or slashes, a fraction (HAProxy), the zone optional unless `utc` says that there is none to expect.
   */
  clf(text: string, at: number, utc = false): number {
    this.end = -1;
    const day = digitsAt(text, at, 2);
    const month = monthAt(text, at + 3);
    const year = digitsAt(text, at + 7, 4);
    const time = this.#clock(text, at + 12);
    if (day < 0 || month === 0 || year < 0 || time < 0) return Number.NaN;
    let p = at + 20;
    let milliseconds = 0;
    if (text.charCodeAt(p) === 46) {
      milliseconds = Math.max(0, digitsAt(text, p + 1, 3));
      p += 4;
    }
    this.end = p;
    const sign = text.charCodeAt(p + 1);
    const offset = text.charCodeAt(p) === SPACE && (sign === 43 || sign === 45) ? this.offset(text, p + 1) : utc ? 0 : Number.NaN;
    if (Number.isNaN(offset)) return this.#at(year, month, day, time) + milliseconds;
    return utcTime(year, month, day, Math.floor(time / 10_000), Math.floor(time / 100) % 100, time % 100) - offset + milliseconds;
  }

  /** `.123456` at `at` in milliseconds, 0 where there is none; {@link end} is behind it. */
  #fraction(text: string, at: number): number {
    this.end = at;
    if (text.charCodeAt(at) !== 46) return 0;
    const milliseconds = Math.max(0, digitsAt(text, at + 1, 3));
    do this.end++;
    while (digitsAt(text, this.end, 1) >= 0);
    return milliseconds;
  }

  /** A local time, `time` as hhmmss. */
  #at(year: number, month: number, day: number, time: number): number {
    return this.zone.toEpoch(utcTime(year, month, day, Math.floor(time / 10_000), Math.floor(time / 100) % 100, time % 100));
  }

  /** `10:11:12` (or `10/11/12`) as the number 101112; -1 where it is not. */
  #clock(text: string, at: number): number {
    const separator = text.charCodeAt(at + 2);
    if ((separator !== 58 && separator !== 47) || text.charCodeAt(at + 5) !== separator) return -1;
    const hour = digitsAt(text, at, 2);
    const minute = digitsAt(text, at + 3, 2);
    const second = digitsAt(text, at + 6, 2);
    return hour < 0 || minute < 0 || second < 0 ? -1 : hour * 10_000 + minute * 100 + second;
  }

  #enterSecond(text: string, at: number): boolean {
    const separator = text.charCodeAt(at + 10);
    if (text.charCodeAt(at + 4) !== 45 || text.charCodeAt(at + 7) !== 45 || (separator !== SPACE && separator !== 84)) return false;
    if (text.charCodeAt(at + 13) !== 58) return false;
    const year = digitsAt(text, at, 4);
    const month = digitsAt(text, at + 5, 2);
    const day = digitsAt(text, at + 8, 2);
    // MariaDB pads the hour with a blank.
    const hour = dayAt(text, at + 11);
    const minute = digitsAt(text, at + 14, 2);
    const second = text.charCodeAt(at + 16) === 58 ? digitsAt(text, at + 17, 2) : -1;
    if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0) return false;
    this.#second = detached(text.slice(at, at + SECOND_LENGTH));
    this.#utc = utcTime(year, month, day, hour, minute, second);
    this.#local = this.zone.toEpoch(this.#utc);
    return true;
  }
}

/** Two digits, the first of which may be a blank. */
function dayAt(text: string, at: number): number {
  return text.charCodeAt(at) === SPACE ? digitsAt(text, at + 1, 1) : digitsAt(text, at, 2);
}
