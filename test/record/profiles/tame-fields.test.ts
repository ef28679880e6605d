import test from 'ava';
import fc from 'fast-check';
import {
  MAX_DEPTH,
  MAX_JSON_CHARS,
  MAX_KEY_CHARS,
  MAX_VALUE_CHARS,
  MAX_VALUES,
  tameFields,
} from '../../../src/record/profiles/tame-fields.js';

/** JSON as a line may hold it, with keys and values that fight. */
const HOSTILE = fc.letrec<{ object: Record<string, unknown>; value: unknown }>((tie) => ({
  object: fc.dictionary(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.constantFrom('__proto__', 'constructor', 'toJSON', 'a.b', 'a', '.', '..', 'a..b', ' ', '\0', '\ud800', 'k'.repeat(300)),
    ),
    tie('value'),
    { maxKeys: 12 },
  ),
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom('x'.repeat(MAX_VALUE_CHARS + 1), '\udc00', '{}', ''),
    fc.array(tie('value'), { maxLength: 5 }),
    tie('object'),
  ),
})).object;

const same = (fields: Record<string, unknown>) => {
  const { extra, json } = tameFields(fields);
  return extra === fields && json === '';
};

test('fields that no server minds are given back as they are', (t) => {
  t.true(same({ erlang_process: '<0.1.0>', thread: 140234567890, uptime_s: 1.5, read_only: false, 'a.b-c d': '', é: '😀' }));
});

test('fields that some server minds', (t) => {
  const long = 'x'.repeat(MAX_VALUE_CHARS + 1);
  const rows: [Record<string, unknown>, object | null, boolean][] = [
    [{}, null, false],
    [{ a: null, b: {}, c: { d: {} } }, null, false],
    [{ args: [20.1, 'x'], none: [] }, { args: '[20.1,"x"]', none: '[]' }, false],
    [{ a: { b: 'x' } }, { a: { b: 'x' } }, false],
    [{ a: { b: { c: { d: { e: 1 } } } } }, { a: { b: { c: { d: '{"e":1}' } } } }, false],
    [{ a: { b: { c: { d: {} } } }, x: 1 }, { x: 1 }, false],
    [{ a: '{}', n: null }, { a: '{}' }, false],
    [{ a: Number.POSITIVE_INFINITY, b: 1e308 }, { a: 'Infinity', b: 1e308 }, false],
    [{ a: long, b: 1 }, { b: 1 }, true],
    [{ a: [long], b: 1 }, { b: 1 }, true],
    [{ ['k'.repeat(MAX_KEY_CHARS + 1)]: 1 }, null, true],
    [{ a: '\ud800', '\udc00': 1, b: '\ud83d\ude00' }, { b: '\ud83d\ude00' }, true],
    [{ a: ['\ud800'] }, { a: '["\\ud800"]' }, false],
    ...['', ' ', '.', '.a', 'a.', 'a..b', 'a. .b', ' a', 'a\u0000b', 'a\nb'].map((key): [Record<string, unknown>, null, boolean] => [
      { [key]: 1 },
      null,
      true,
    ]),
  ];
  for (const [fields, extra, leftOut] of rows) {
    const tame = tameFields(fields);
    const row = JSON.stringify(fields).slice(0, 100);
    t.deepEqual(tame.extra, extra, row);
    t.is(tame.json, leftOut ? JSON.stringify(fields) : '', row);
  }
});

test('the key __proto__ stays a key', (t) => {
  const fields = JSON.parse('{"__proto__":{"polluted":1},"n":null}');
  t.is(JSON.stringify(tameFields(fields).extra), '{"__proto__":{"polluted":1}}');
  t.false('polluted' in {});
});

test('of 5,000 keys the first are searched and all are stored', (t) => {
  const fields = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, i]));
  const { extra, json } = tameFields(fields);
  t.deepEqual(Object.keys(extra ?? {}), Object.keys(fields).slice(0, MAX_VALUES));
  t.deepEqual(JSON.parse(json), fields);
});

test('what is stored is cut at a bound, and says so', (t) => {
  const { json } = tameFields({ a: 'x'.repeat(2 * MAX_JSON_CHARS) });
  t.is(json.length, MAX_JSON_CHARS);
  t.true(json.endsWith('x…'));
  const begin = '{"a":"'.length;
  const pairs = tameFields({ a: `${'x'.repeat((MAX_JSON_CHARS - begin) % 2)}${'😀'.repeat(MAX_JSON_CHARS)}` }).json;
  t.false(/\p{Surrogate}/u.test(pairs));
});

test('a ring and endless nesting are no reason to fail', (t) => {
  const ring: Record<string, unknown> = { a: 1 };
  ring['ring'] = [ring];
  t.deepEqual(tameFields(ring), { extra: { a: 1 }, json: '…' });
  let deep: Record<string, unknown> = {};
  for (let i = 0; i < 100_000; i++) deep = { deep };
  t.notThrows(() => tameFields(deep));
});

test('whatever a line carries comes out within the bounds', (t) => {
  fc.assert(
    fc.property(HOSTILE, (fields) => {
      const { extra, json } = tameFields(fields);
      if (json !== '' && JSON.stringify(JSON.parse(json)) !== JSON.stringify(fields)) return false;
      if (extra === null) return json !== '' || !isFound(fields);
      return isWithin(extra) && JSON.stringify(JSON.parse(JSON.stringify(extra))) === JSON.stringify(extra);
    }),
  );
  t.pass();
});

/** Whether there is a value other than null in it. */
function isFound(value: unknown): boolean {
  if (value === null) return false;
  return typeof value === 'object' && !Array.isArray(value) ? Object.values(value).some(isFound) : true;
}

function isWithin(extra: object): boolean {
  let values = 0;
  const check = (object: object, depth: number, path: string): boolean =>
    Object.entries(object).every(([key, value]) => {
      if (key.trim() === '' || key.length > MAX_KEY_CHARS || depth > MAX_DEPTH) return false;
      const where = `${path}.${key}`;
      if (typeof value === 'object')
        return value !== null && !Array.isArray(value) && Object.keys(value).length > 0 && check(value, depth + 1, where);
      values++;
      const text = String(value);
      return Buffer.byteLength(`${where}=${text}`) <= 32_766 && Buffer.from(text).toString() === text;
    });
  return check(extra, 1, 'attributes.openstack.extra') && values > 0 && values <= MAX_VALUES;
}
