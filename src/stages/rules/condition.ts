import type { LogRecord } from '../../record/record.js';

export type Condition = (record: LogRecord) => boolean;

type Value = string | number;

const FIELDS = {
  'http.status': (record: LogRecord) => record.http?.status,
  'http.method': (record: LogRecord) => record.http?.method,
  'http.path': (record: LogRecord) => record.http?.path,
  'http.client_ip': (record: LogRecord) => record.http?.clientIp,
  'error.type': (record: LogRecord) => record.error?.type,
  'error.message': (record: LogRecord) => record.error?.message,
  pid: (record: LogRecord) => record.pid,
  host: (record: LogRecord) => record.host,
  function: (record: LogRecord) => record.functionName,
} as const satisfies Readonly<Record<string, (record: LogRecord) => unknown>>;

export type ConditionField = keyof typeof FIELDS;

/** The names that `where:` may use, those for what a decoder kept included; for messages. */
export const KNOWN_FIELDS = `known are ${Object.keys(FIELDS).join(', ')} and fields.NAME`;

export function isConditionField(name: string): name is ConditionField {
  return Object.hasOwn(FIELDS, name);
}

/** The name of what a decoder kept: `fields.NAME`; null for other fields. */
export function keptName(field: string): string | null {
  return field.startsWith('fields.') ? field.slice('fields.'.length) : null;
}

/** @throws SyntaxError for a field that no record has. */
export function compileCondition(where: Readonly<Record<string, Value | readonly Value[]>>): Condition {
  const tests = Object.entries(where).map(([field, allowed]): Condition => {
    const read = reader(field);
    const accepts = valueTest(allowed);
    return (record) => accepts(read(record));
  });
  const [only] = tests;
  return tests.length === 1 && only !== undefined ? only : (record) => tests.every((test) => test(record));
}

function reader(field: string): (record: LogRecord) => unknown {
  if (isConditionField(field)) return FIELDS[field];
  const name = keptName(field);
  if (name !== null) return (record) => record.fields?.[name];
  throw new SyntaxError(`unknown field "${field}"; ${KNOWN_FIELDS}`);
}

function valueTest(allowed: Value | readonly Value[]): (value: unknown) => boolean {
  const texts = new Set<string>();
  const ranges: (readonly [low: number, high: number])[] = [];
  for (const item of Array.isArray(allowed) ? allowed : [allowed]) {
    const range = /^(\d+)-(\d+)$/.exec(String(item));
    const number = Number(item);
    if (range !== null) ranges.push([Number(range[1]), Number(range[2])]);
    else if (typeof item === 'number') ranges.push([number, number]);
    else texts.add(item);
  }
  return (value) => {
    if (typeof value === 'string' && texts.has(value)) return true;
    if (ranges.length === 0 || value === undefined || value === null) return false;
    const number = Number(value);
    return ranges.some(([low, high]) => number >= low && number <= high);
  };
}
