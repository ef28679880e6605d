import test from 'ava';
import fc from 'fast-check';
import { EventTime, Reader } from '../../../plugins/forward/msgpack-read.js';
import { Malformed, Scanner } from '../../../plugins/forward/msgpack-scan.js';
import { Writer } from '../../../plugins/forward/msgpack-write.js';

function written(value: unknown): Buffer {
  const writer = new Writer(8);
  writer.value(value);
  return writer.take();
}

function read(...bytes: readonly (number | string | Buffer)[]): unknown {
  return new Reader(joined(...bytes)).value();
}

function joined(...bytes: readonly (number | string | Buffer)[]): Buffer {
  return Buffer.concat(bytes.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part as string))));
}

/** Each form of the specification, by hand. */
const FORMS: readonly (readonly [string, readonly (number | string)[], unknown])[] = [
  ['nil', [0xc0], null],
  ['false', [0xc2], false],
  ['true', [0xc3], true],
  ['positive fixint', [0x7f], 127],
  ['negative fixint', [0xe0], -32],
  ['uint 8', [0xcc, 0xff], 255],
  ['uint 16', [0xcd, 0x01, 0x00], 256],
  ['uint 32', [0xce, 0xff, 0xff, 0xff, 0xff], 4_294_967_295],
  ['uint 64', [0xcf, 0, 0, 0, 1, 0, 0, 0, 0], 4_294_967_296],
  ['a uint 64 that is no exact number', [0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], '18446744073709551615'],
  ['int 8', [0xd0, 0x80], -128],
  ['int 16', [0xd1, 0x80, 0], -32_768],
  ['int 32', [0xd2, 0x80, 0, 0, 0], -2_147_483_648],
  ['int 64', [0xd3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -1],
  ['float 32', [0xca, 0x3f, 0x80, 0, 0], 1],
  ['float 64', [0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], 1.5],
  ['fixstr', [0xa3, 'abc'], 'abc'],
  ['str 8', [0xd9, 3, 'abc'], 'abc'],
  ['str 16', [0xda, 0, 3, 'abc'], 'abc'],
  ['str 32', [0xdb, 0, 0, 0, 3, 'abc'], 'abc'],
  ['bin 8', [0xc4, 3, 'abc'], 'abc'],
  ['bin 16', [0xc5, 0, 3, 'abc'], 'abc'],
  ['bin 32', [0xc6, 0, 0, 0, 3, 'abc'], 'abc'],
  ['fixarray', [0x92, 1, 2], [1, 2]],
  ['array 16', [0xdc, 0, 2, 1, 2], [1, 2]],
  ['array 32', [0xdd, 0, 0, 0, 2, 1, 2], [1, 2]],
  ['fixmap', [0x81, 0xa1, 'a', 1], { a: 1 }],
  ['map 16', [0xde, 0, 1, 0xa1, 'a', 1], { a: 1 }],
  ['map 32', [0xdf, 0, 0, 0, 1, 0xa1, 'a', 1], { a: 1 }],
  ['a map whose key is a number', [0x81, 7, 1], { '7': 1 }],
  ['fixext 1', [0xd4, 5, 1], 'AQ=='],
  ['fixext 16', [0xd8, 5, 'abcdefghijklmnop'], 'YWJjZGVmZ2hpamtsbW5vcA=='],
  ['ext 8', [0xc7, 3, 5, 'abc'], 'YWJj'],
  ['ext 16', [0xc8, 0, 3, 5, 'abc'], 'YWJj'],
  ['ext 32', [0xc9, 0, 0, 0, 3, 5, 'abc'], 'YWJj'],
];

for (const [title, bytes, value] of FORMS)
  test(`${title} is read, skipped and found whole`, (t) => {
    const whole = joined(...bytes);
    t.deepEqual(read(...bytes), value);
    const reader = new Reader(joined(whole, 0x01));
    reader.skip();
    t.is(reader.value(), 1);
    const scanner = new Scanner(1000);
    for (let have = 0; have < whole.length; have++) t.is(scanner.end(whole.subarray(0, have), 0), -1, `of ${have} bytes`);
    t.is(scanner.end(whole, 0), whole.length);
    t.is(scanner.end(joined('xy', whole), 2), 2 + whole.length, 'and again, elsewhere');
    for (let have = 0; have < whole.length; have++)
      t.throws(() => new Reader(whole, 0, have).value(), { instanceOf: Malformed }, `of ${have} bytes`);
  });

for (const [title, head] of [
  ['fixext 8', [0xd7, 0]],
  ['ext 8', [0xc7, 8, 0]],
] as const)
  test(`an EventTime is read from ${title}`, (t) => {
    const time = read(...head, Buffer.from([0x65, 0, 0, 1, 0, 0x0f, 0x42, 0x40])) as EventTime;
    t.true(time instanceof EventTime);
    t.is(time.milliseconds, 0x65000001 * 1000 + 1);
  });

test('text that is no UTF-8 is kept as far as it goes, and said to be damaged', (t) => {
  const reader = new Reader(joined(0x92, 0xa9, Buffer.from('caf\xe9 abcd', 'latin1'), 0xa3, 'xyz'));
  t.deepEqual(reader.value(), ['caf\ufffd abcd', 'xyz']);
  t.true(reader.damaged);
});

test('a key __proto__ is a key like any other', (t) => {
  const map = read(0x82, 0xa9, '__proto__', 0x81, 0xa1, 'x', 1, 0xa1, 'b', 2) as Record<string, unknown>;
  t.is(JSON.stringify(map), '{"__proto__":{"x":1},"b":2}');
  t.is(map['x'], undefined);
});

test('what is too deep or too much is left away, and what follows is still read', (t) => {
  for (const [title, bytes] of [
    ['deep', joined(0x93, 1, Buffer.alloc(5000, 0x91), 1, 2)],
    ['many', joined(0x93, 1, 0xdd, 0, 1, 0x86, 0xa0, Buffer.alloc(100_000, 0x80), 2)],
  ] as const) {
    const reader = new Reader(joined(bytes, 0xa3, 'end'));
    const [first, , last] = reader.value() as unknown[];
    t.is(first, 1, title);
    t.true(reader.shortened, title);
    t.true(last === 2 || last === undefined, title);
    t.is(reader.value(), title === 'deep' ? 'end' : '[…]', title);
    t.true(reader.isDone, title);
  }
});

test('a value that says to be longer than allowed is refused before it is there', (t) => {
  t.throws(() => new Scanner(1000).end(joined(0xdb, 0x7f, 0xff, 0xff, 0xff), 0), { instanceOf: Malformed });
  t.throws(() => new Scanner(1000).end(joined(0xdd, 0x7f, 0xff, 0xff, 0xff, Buffer.alloc(2000)), 0), { instanceOf: Malformed });
  t.throws(() => new Scanner(1000).end(joined(0xc1), 0), { instanceOf: Malformed });
  t.throws(() => new Scanner(100_000).end(Buffer.alloc(50_000, 0x91), 0), { instanceOf: Malformed });
});

test('whatever JSON has is read as it was written', (t) => {
  const json = fc.jsonValue({ stringUnit: 'grapheme' }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.oneof(json, fc.string({ unit: 'grapheme', maxLength: 70_000 }), fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true })),
        (value) => {
          const bytes = written(value);
          t.is(new Scanner(10_000_000).end(bytes, 0), bytes.length);
          t.deepEqual(new Reader(bytes).value(), Object.is(value, -0) ? 0 : value);
        },
      ),
    ),
  );
});

test('long lists, maps, texts and binaries have long heads', (t) => {
  for (const value of [
    Array.from({ length: 70_000 }, () => null).slice(0, 60_000),
    Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, i])),
    'x'.repeat(70_000),
    'x'.repeat(300),
    'x'.repeat(40),
  ])
    t.deepEqual(new Reader(written(value)).value(), value);
  t.deepEqual(new Reader(written(Buffer.from('abc'))).raw(), Buffer.from('abc'));
});

test('a time is written as the eight bytes of an EventTime', (t) => {
  const writer = new Writer();
  writer.eventTime(1_772_446_272_123);
  const time = new Reader(writer.take()).value() as EventTime;
  t.deepEqual([time.seconds, time.nanoseconds], [1_772_446_272, 123_000_000]);
  for (const [ms, seconds, nanoseconds] of [
    [-5, 0, 0],
    [0xffff_ffff * 1000 + 5000, 0xffff_ffff, 999_000_000],
  ] as const) {
    writer.eventTime(ms);
    const bound = new Reader(writer.take()).value() as EventTime;
    t.deepEqual([bound.seconds, bound.nanoseconds], [seconds, nanoseconds]);
  }
});

test('names of fields are the same text each time, and are told apart where they share a slot', (t) => {
  const keys = Array.from({ length: 5000 }, (_, i) => `field_${i % 1000}`);
  t.deepEqual(
    keys.map((key) => Object.keys(read(written({ [key]: 1 })) as object)[0]),
    keys,
  );
  const odd = { '': 1, ü: 2, ['k'.repeat(100)]: 3 };
  t.deepEqual(read(written(odd)), odd);
});
