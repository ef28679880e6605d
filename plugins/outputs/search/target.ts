/**
 * Placeholders of an index name. None is text of a log: otherwise whoever writes lines could make indices. None is the label: a record that is read
 * again may have another by then, and would be stored twice.
 */
const PLACEHOLDERS = ['date', 'month', 'year'] as const;

const DAY_MS = 86_400_000;
/** Records that claim to be older, or from further ahead, share one index: a line can claim any day. */
const OLDEST_DAYS = 400;
const NEWEST_DAYS = 2;
/** What stands for the date of such records, and of those without one. */
const UNDATED = 'undated';

/** What is wrong with an index name that may have placeholders, or null. */
export function indexProblem(pattern: string): string | null {
  for (const [, name] of pattern.matchAll(/\{([^{}]*)\}/g))
    if (!PLACEHOLDERS.some((known) => known === name)) return `{${name}} is no placeholder; there are {${PLACEHOLDERS.join('}, {')}}`;
  const plain = pattern.replace(/\{[a-z]+\}/g, 'x');
  if (plain.length > 200) return 'an index name is at most 200 characters long';
  // https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-create
  if (!/^[a-z0-9][a-z0-9._+-]*$/.test(plain)) return 'an index name has lower-case letters, digits, and . _ + - after the first character';
  return null;
}

/** The pattern of all indices that a name with placeholders may become. */
export function wildcardOf(pattern: string): string {
  return pattern.replace(/\{[a-z]+\}/g, '*').replace(/\*+/g, '*');
}

/** Names of the indices of records: always the same for the same record, while its date is not on the border of what is believed. */
export class IndexNames {
  #day: number | null = null;
  #name = '';

  constructor(
    readonly pattern: string,
    readonly now: () => number = Date.now,
  ) {}

  /** `timestamp` in milliseconds since the epoch; NaN where the record has none. */
  nameFor(timestamp: number): string {
    const day = believed(timestamp, this.now()) ? Math.floor(timestamp / DAY_MS) : Number.NaN;
    if (!Object.is(day, this.#day)) {
      this.#day = day;
      this.#name = this.pattern.replace(/\{([a-z]+)\}/g, (_, placeholder: string) => dateIn(placeholder, day));
    }
    return this.#name;
  }
}

function believed(timestamp: number, now: number): boolean {
  return timestamp >= now - OLDEST_DAYS * DAY_MS && timestamp <= now + NEWEST_DAYS * DAY_MS;
}

function dateIn(placeholder: string, day: number): string {
  if (Number.isNaN(day)) return UNDATED;
  const date = new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '.');
  if (placeholder === 'year') return date.slice(0, 4);
  return placeholder === 'month' ? date.slice(0, 7) : date;
}
