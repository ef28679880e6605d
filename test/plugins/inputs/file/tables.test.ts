import test from 'ava';
import { config } from '../../../../plugins/inputs/file/config.js';
import { fingerprintOf, fits, startsAlike } from '../../../../plugins/inputs/file/fingerprint.js';
import { match } from '../../../../plugins/inputs/file/match.js';
import type { Entry } from '../../../../plugins/inputs/file/positions.js';
import type { Candidate } from '../../../../plugins/inputs/file/probe.js';
import { judge, judgeDetached } from '../../../../plugins/inputs/file/rotation.js';
import { cutAt, splitLines } from '../../../../src/record/lines.js';
import { familyOf, programOf } from '../../../../src/record/log-name.js';

for (const [path, program] of [
  ['/var/log/kolla/nova/nova-compute.log', 'nova-compute'],
  ['/var/log/kolla/nova/nova-compute.log.1', 'nova-compute'],
  ['/var/log/nova/nova-api.log-20260302.gz', 'nova-api'],
  ['/var/log/nova/nova-api-20260302.log', 'nova-api'],
  ['/var/log/nova/nova-api.log.2026-03-02_10-11-12', 'nova-api'],
  ['/opt/stack/logs/screen-n-api.txt', 'n-api'],
  ['/opt/stack/logs/screen-n-api-2.txt.gz', 'n-api-2'],
  ['/var/log/libvirt/qemu/instance-00000001.log', 'instance-00000001'],
  ['/var/log/syslog', 'syslog'],
  ['/var/log/syslog.1', 'syslog'],
] as const) {
  test(`the program of ${path} is ${program}`, (t) => t.is(programOf(path), program));
}

test('rotated names belong to one family, others do not', (t) => {
  const family = familyOf('/l/a.log');
  for (const name of ['a.log', 'a.log.1', 'a.log.12.gz', 'a.log-20260302', 'a-20260302.log', 'a.1.log', 'a.log.2026-03-02.gz']) {
    t.is(familyOf(`/l/${name}`), family, name);
  }
  for (const name of ['b.log', 'a-2.log', 'a.log.bak', 'aa.log']) t.not(familyOf(`/l/${name}`), family, name);
  t.not(familyOf('/m/a.log'), family);
});

const known = { dev: 1, ino: 7, position: 100, size: 100, mtimeMs: 5 };
for (const [seen, verdict] of [
  [undefined, 'gone'],
  [{ dev: 1, ino: 7, size: 100, mtimeMs: 5 }, 'idle'],
  [{ dev: 1, ino: 7, size: 101, mtimeMs: 6 }, 'grown'],
  [{ dev: 1, ino: 7, size: 100, mtimeMs: 6 }, 'grown'],
  [{ dev: 1, ino: 7, size: 99, mtimeMs: 6 }, 'truncated'],
  [{ dev: 1, ino: 8, size: 500, mtimeMs: 6 }, 'replaced'],
  [{ dev: 2, ino: 7, size: 100, mtimeMs: 5 }, 'replaced'],
] as const) {
  test(`a file read to 100 of which is seen ${JSON.stringify(seen)} is ${verdict}`, (t) => t.is(judge(known, seen), verdict));
}

const empty = { dev: 1, ino: 7, position: 0, size: 0, mtimeMs: 5 };
for (const [seen, verdict] of [
  [{ dev: 1, ino: 7, size: 0, mtimeMs: 5 }, 'idle'],
  [{ dev: 1, ino: 7, size: 9, mtimeMs: 6 }, 'refilled'],
  [{ dev: 1, ino: 7, size: 0, mtimeMs: 6 }, 'refilled'],
  [{ dev: 1, ino: 8, size: 0, mtimeMs: 6 }, 'replaced'],
] as const) {
  test(`an empty file which is seen ${JSON.stringify(seen)} is ${verdict}`, (t) => t.is(judge(empty, seen), verdict));
}

for (const [size, complete, now, verdict] of [
  [101, false, 0, 'grown'],
  [100, false, 9, 'wait'],
  [100, false, 10, 'finish'],
  [100, true, 0, 'finish'],
  [50, false, 0, 'finish'],
] as const) {
  test(`a file without a name, ${size} of 100 long at ${now} ms${complete ? ', complete' : ''}: ${verdict}`, (t) =>
    t.is(judgeDetached(size, { looked: 100, quietSince: 0, complete }, now, 10), verdict));
}

for (const [what, text, lines, offsets, consumed] of [
  ['ASCII', 'a\nbc\r\n\nd', ['a', 'bc', ''], [0, 2, 6], 7],
  ['UTF-8', 'ä\n€\r\nx', ['ä', '€'], [0, 3], 8],
  ['no newline', 'abc', [], [], 0],
  ['a lone return', 'a\rb\n\r\n', ['a\rb', ''], [0, 4], 6],
  ['NUL', '\0\n', ['\0'], [0], 2],
] as const) {
  test(`lines of a block: ${what}`, (t) => {
    const block = Buffer.from(`${text}stale\n`);
    const length = Buffer.byteLength(text);
    const found = splitLines(block, length, 1_000, 99);
    t.deepEqual(found.lines, [...lines]);
    t.deepEqual(
      found.offsets,
      offsets.map((offset) => 1_000 + offset),
    );
    t.is(found.consumed, consumed);
  });
}

test('invalid UTF-8 becomes U+FFFD and offsets stay those of the bytes', (t) => {
  const found = splitLines(Buffer.from([0xff, 0x61, 10, 0xc3, 10, 0x62, 10]), 7, 0, 99);
  t.deepEqual(found.lines, ['\ufffda', '\ufffd', 'b']);
  t.deepEqual(found.offsets, [0, 3, 5]);
});

test('a cut splits no character', (t) => {
  t.is(cutAt(Buffer.from('aäb'), 0, 2), 1);
  t.is(cutAt(Buffer.from('a€b'), 0, 3), 1);
  t.is(cutAt(Buffer.from('abc'), 0, 2), 2);
  t.is(cutAt(Buffer.alloc(9, 0x80), 0, 5), 5);
});

test('a fingerprint fits a content that has grown, not a shorter or another one', (t) => {
  const print = fingerprintOf(Buffer.from('hello'));
  t.true(fits(print, Buffer.from('hello world')));
  t.false(fits(print, Buffer.from('hell')));
  t.false(fits(print, Buffer.from('help me')));
  t.false(fits(fingerprintOf(Buffer.alloc(0)), Buffer.from('x')), 'nothing is known of an empty file');
  t.true(startsAlike(Buffer.from('ab'), Buffer.from('abc')));
});

function entry(path: string, head: string, ino: number, read: number): Entry {
  const fingerprint = fingerprintOf(Buffer.from(head));
  return { id: `${path}${ino}`, path, dev: 1, ino, fingerprint, offset: read, read, mtimeMs: 0, seenMs: 0, durable: true };
}

function file(path: string, head: string, ino: number, size = head.length): Candidate {
  const gzip = path.endsWith('.gz');
  return { path, dev: 1, ino, size, mtimeMs: 0, birthtimeMs: 0, head: Buffer.from(head), gzip, included: true };
}

for (const [what, files, owners, place] of [
  ['unchanged', [file('/a.log', 'one two', 1)], [true], 0],
  ['renamed', [file('/a.log', 'three', 2), file('/a.log.1', 'one two', 1)], [false, true], 1],
  ['copied and truncated', [file('/a.log', 'new', 1), file('/a.log.1', 'one two', 3)], [false, true], 1],
  ['being copied', [file('/a.log', 'one two', 1), file('/a.log.1', 'one two', 3)], [true, true], 0],
  ['compressed', [file('/a.log', 'x', 2), file('/a.log.1.gz', 'one two', 3, Number.POSITIVE_INFINITY)], [false, true], 1],
  ['renamed, and the new one begins alike', [file('/a.log', 'one 2', 2), file('/a.log.1', 'one', 1)], [false, true], 1],
  ['truncated, and begins as before', [file('/a.log', 'one', 1, 3)], [false], -1],
  ['its inode used again', [file('/a.log', 'other', 1, 99)], [false], -1],
  ['another file that begins alike', [file('/b.log', 'one two', 4)], [false], -1],
] as const) {
  test(`whose content a file holds: ${what}`, (t) => {
    const truncated = what === 'truncated, and begins as before';
    const one = entry('/a.log', 'one', 1, truncated ? 5 : 3);
    const matches = match([{ entry: one }], files);
    t.deepEqual(
      files.map((each) => matches.owner.has(each)),
      [...owners],
    );
    t.is(matches.place.get(one), place === -1 ? undefined : files[place]);
  });
}

test('a file that is so far the start of a log beside it is not ripe for a decision', (t) => {
  const copy = file('/a.log.1', 'on', 3);
  t.true(match([{ entry: entry('/a.log', 'one', 1, 3), head: Buffer.from('one') }], [copy]).unripe.has(copy));
});

test('the keys have defaults, and wrong ones are refused', (t) => {
  const keys = config.parse({ include: ['/x'] });
  t.like(keys, { read_from: 'end', timezone: 'Etc/UTC', format: 'auto', max_line_bytes: 1_048_576, poll_interval_ms: 250, follow: true });
  for (const wrong of [
    {},
    { include: [] },
    { include: ['/x'], timezone: 'Mars/Base' },
    { include: ['/x'], timezone: '+01:00' },
    { include: ['/x'], nope: 1 },
    { include: ['/x'], format: 'nope' },
    { include: ['/x'], poll_interval_ms: 2_147_483_648 },
  ]) {
    t.false(config.safeParse(wrong).success, JSON.stringify(wrong));
  }
});
