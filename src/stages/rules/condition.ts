import type { LogRecord } from '../../record/record.js';

export type Condition = (record: LogRecord) => boolean;

type Value = string | number;

const FIELDS: Readonly<Record<string, (record: LogRecord) => unknown>> = {
  'http.status': (record) => record.http?.status,
  'http.method': (record) => record.http?.method,
  'http.path': (record) => record.http?.path,
  'http.client_ip': (record) => record.http?.clientIp,
  'error.type': (record) => record.error?.type,
  'error.message': (record) => record.error?.message,
  pid: (record) => record.pid,
  host: (record) => record.host,
  function: (record) => record.functionName,
};

/** The names that `where:` may use, beside `fields.NAME` for what a decoder kept. */
export const CONDITION_FIELDS: readonly string[] = Object.keys(FIELDS);

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
  const known = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
  if (known !== undefined) return known;
  if (field.startsWith('fields.')) {
    const name = field.slice('fields.'.length);
    return (record) => record.fields?.[name];
  }
  throw new SyntaxError(`unknown field "${field}"; known are ${CONDITION_FIELDS.join(', ')} and fields.NAME`);
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
