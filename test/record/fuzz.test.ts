import test from 'ava';
import fc from 'fast-check';
import { Decoder } from '../../src/record/decode.js';
import { Joiner, type JoinerLimits } from '../../src/record/joiner.js';
import type { LogRecord } from '../../src/record/record.js';
import { blockOf, LIMITS, NOW, testSource } from './lines.js';

const SECONDS = Number(process.env['TRILOG_FUZZ_SECONDS'] ?? 5);
/** Each property gets its part of the time. */
const OPTIONS = { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: (SECONDS * 1000) / 4, markInterruptAsFailure: false } as const;

/** Lines that look real; `§` stands for a mark that tells in which record a line has come to lie. */
const SHAPES = [
  '2026-03-02 10:11:12.123 1 INFO nova.compute [-] §',
  '2026-03-02 10:11:12.123 1 ERROR nova.compute [None req-1 u p - - default default] [instance: b9e6] §: x.Y: z',
  '2026-03-02 10:11:12.123 1 ERROR nova.compute [instance: b9e6] Traceback (most recent call last): §',
  '2026-03-02 10:11:12.123 1 ERROR nova.compute   File "/a.py", line 1, in §',
  '2026-03-02 10:11:12.123 1 ERROR nova.compute x.Y: §',
  '2026-03-02 10:11:12.123 2 WARNING nova.compute [-] §',
  '2026-03-02 10:11:12.123 2 ERROR nova.compute Traceback (most recent call last): §',
  '2026-03-02 10:11:12.123 2 ERROR nova.compute     x() §',
  '2026-03-02 10:11:12.124 2 ERROR nova.compute     x() §',
  '2026-03-02 10:11:14.500 3 DEBUG a.b [req-1 None] § f /a.py:12',
  '2026-03-02 10:11:12.124 INFO a.b [-] §',
  'Command: §',
  '  indented §',
  'Traceback (most recent call last): §',
  '2026-03-02T10:11:12.123Z|00012|connmgr|INFO|§',
  'Mar  2 10:11:12 h1 kernel: [ 1.5] §',
  'Mar  2 10:11:12 h1 nova-api[5]: 2026-03-02 10:11:12.123 5 ERROR nova.x [-] §',
  '<14>1 2026-03-02T10:11:12Z h1 app 7 - [a b="c"] §',
  '+ §',
  '{"Payload":"[instance: b]   File §","Timestamp":"2026-03-02 10:11:12.123","Pid":"1","log_level":"ERROR","python_module":"a","Hostname":"h"}',
  '{"Payload":"[-] §","Timestamp":"2026-03-02 10:11:12.123","Pid":"1","log_level":"ERROR","python_module":"a","Hostname":"h"}',
  '10.0.0.5 - - [02/Mar/2026:10:11:12 +0000] "GET /§ HTTP/1.1" 200 1 "-" "-"',
  '2026-03-02 10:11:12.123456+00:00 [info] <0.1.0> §',
] as const;

const shaped = fc
  .array(fc.constantFrom(...SHAPES), { maxLength: 40 })
  .map((shapes) => shapes.map((shape, i) => shape.replace('§', `<<${i}>>`)));

/** Real-looking lines with a piece cut out, doubled or put in. */
const mutated = fc
  .tuple(fc.constantFrom(...SHAPES), fc.nat(200), fc.nat(200), fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom(...SHAPES))
  .map(([shape, at, length, text, other]) => shape.slice(0, at) + text + shape.slice(at + length) + (length % 3 === 0 ? other : ''));

const anyLine = fc.oneof(mutated, fc.string({ unit: 'binary', maxLength: 300 }), fc.constantFrom(...SHAPES));

function textOf({ message, error, http }: LogRecord): string {
  return message.includes(error?.stackTrace ?? '') ? message : `${message}\n${error?.stackTrace}\n${http?.path ?? ''}`;
}

/** A record without what differs between readings. */
function shown(record: LogRecord): unknown {
  const { source: _, ...rest } = record;
  return rest;
}

function readAll(lines: readonly string[], limits: JoinerLimits, blockLines: number): LogRecord[] {
  const joiner = new Joiner(testSource(), limits, () => NOW);
  const records: LogRecord[] = [];
  for (let at = 0; at < lines.length; at += blockLines) records.push(...joiner.feed(blockOf(lines.slice(at, at + blockLines), at)));
  return [...records, ...joiner.flush()];
}

test('no line makes a decoder throw or loses its position', (t) => {
  const formats = [
    'auto',
    'oslo',
    'kolla',
    'access',
    'swift',
    'ovs',
    'rabbitmq',
    'libvirt',
    'haproxy',
    'mariadb',
    'apache_error',
    'syslog',
    'python',
  ];
  const decoders = formats.map((format) => new Decoder(testSource({ format, timezone: 'Europe/Berlin' }), () => NOW));
  fc.assert(
    fc.property(anyLine, (line) => {
      for (const decoder of decoders) {
        const record = decoder.decode(line, 7);
        if (record !== null && (record.offset !== 7 || record.format === 'raw' || !(record.pid >= 0))) return false;
      }
      return true;
    }),
    OPTIONS,
  );
  t.pass();
});

test('every line is in exactly one record, and records are in order', (t) => {
  fc.assert(
    fc.property(shaped, fc.integer({ min: 1, max: 7 }), (lines, blockLines) => {
      const records = readAll(lines, LIMITS, blockLines);
      const found = records.flatMap((record) => [...textOf(record).matchAll(/<<(\d+)>>/g)].map((match) => Number(match[1])));
      const offsets = records.map(({ offset }) => offset);
      const sorted = [...offsets].sort((a, b) => a - b);
      return (
        found.toSorted((a, b) => a - b).join() === lines.map((_, i) => i).join() &&
        offsets.join() === sorted.join() &&
        new Set(offsets).size === offsets.length
      );
    }),
    OPTIONS,
  );
  t.pass();
});

test('whatever the cut, reading again from resumeAt gives the records that were not handed out', (t) => {
  const limits = fc.record({ maxLines: fc.constantFrom(3, 1000), maxBytes: fc.constantFrom(150, 1_000_000) });
  fc.assert(
    fc.property(fc.oneof(shaped, fc.array(anyLine, { maxLength: 20 })), limits, fc.nat(40), (lines, bounds, cut) => {
      const first = new Joiner(testSource(), bounds, () => NOW);
      const at = Math.min(cut, lines.length);
      const out = first.feed(blockOf(lines.slice(0, at)));
      const { resumeAt } = first;
      const all = readAll(lines, bounds, lines.length + 1);
      const again = new Joiner(testSource(), bounds, () => NOW);
      const rest = [...again.feed(blockOf(lines.slice(resumeAt), resumeAt)), ...again.flush()];
      const handedOut = out.filter(({ offset }) => offset < resumeAt);
      return (
        JSON.stringify([...handedOut, ...rest].map(shown)) === JSON.stringify(all.map(shown)) &&
        (handedOut.length < out.length || out.length + rest.length === all.length)
      );
    }),
    OPTIONS,
  );
  t.pass();
});

test('time grows with the length of the line, not with its square', (t) => {
  const pieces = [
    'a',
    ' ',
    ': ',
    ':',
    '"',
    '[',
    ']',
    '{',
    'x.Y: ',
    '\\"',
    '|',
    '#012',
    '\x1b[',
    '0',
    '2026-03-02T10:11:12Z stdout F ',
    '\n',
    '(txn: ',
    'a.log.1 1',
    '==',
    ' GET ',
  ];
  const prefixes = ['', ...SHAPES.map((shape) => shape.slice(0, shape.indexOf('§')))];
  const joinerLimits = LIMITS;
  for (const prefix of prefixes) {
    for (const piece of pieces) {
      const line = prefix + piece.repeat(Math.ceil(200_000 / piece.length));
      const joiner = new Joiner(testSource(), joinerLimits, () => NOW);
      const began = performance.now();
      joiner.feed(blockOf([line, line]));
      joiner.flush();
      t.true(performance.now() - began < 1000, `${prefix} + ${JSON.stringify(piece)}`);
    }
  }
});
