import test from 'ava';
import { Joiner } from '../../src/record/joiner.js';
import { Spans } from '../../src/record/spans.js';
import { blockOf, NOW, testSource } from './lines.js';

test('spans that overlap are one', (t) => {
  const spans = new Spans(100);
  t.is(spans.before(5), 5);
  spans.add(0, 4);
  spans.add(4, 9);
  spans.add(6, 8);
  t.is(spans.before(9), 0);
  t.is(spans.before(10), 10);
  spans.add(12, 20);
  t.is(spans.before(13), 12);
  t.is(spans.before(20), 12);
});

test('a chain of spans ends where it grows too long', (t) => {
  const spans = new Spans(10);
  for (let from = 0; from < 100; from += 2) {
    spans.add(from, from + 3);
    const before = spans.before(from + 2);
    t.true(before <= from && before > from - 10);
  }
});

test('tracebacks that interleave without end take linear time, and the position to read again from moves', (t) => {
  const joiner = new Joiner(testSource(), { maxLines: 1000, maxBytes: 1000 }, () => NOW);
  const began = performance.now();
  let records = 0;
  let trace = '';
  const count = 20_000;
  for (let i = 0; i < count; i++) {
    const head = `${new Date(NOW + i * 10).toISOString().slice(0, 23).replace('T', ' ')} ${100 + (i % 2)} ERROR nova.x`;
    records += joiner.feed(blockOf([`${head} [-] boom`, trace], 2 * i)).length;
    trace = `${head} Traceback (most recent call last):`;
    t.true(joiner.resumeAt >= 2 * i - 1010);
  }
  t.true(records > count - 10);
  t.true(performance.now() - began < 5000);
});

test('no record is lost where reading begins again inside a chain that grew too long', (t) => {
  const limits = { maxLines: 1000, maxBytes: 300 };
  const lines: string[] = [];
  for (let i = 0; i < 400; i++) {
    const head = `${new Date(NOW + i * 10).toISOString().slice(0, 23).replace('T', ' ')} ${100 + (i % 2)} ERROR nova.x`;
    // The traceback comes behind the next process's head, so that each record reaches into the next.
    lines.splice(i === 0 ? 0 : -1, 0, `${head} [-] boom ${i}`);
    lines.push(`${head} Traceback (most recent call last):`);
  }
  const booms = lines.filter((line) => line.includes('boom')).map((line) => line.slice(line.indexOf('boom')));
  let restarts = 0;
  for (let cut = 0; cut <= lines.length; cut += 7) {
    const first = new Joiner(testSource(), limits, () => NOW);
    const before = first.feed(blockOf(lines.slice(0, cut)));
    const { resumeAt } = first;
    if (resumeAt > 0 && before.length > 0) restarts++;
    const again = new Joiner(testSource(), limits, () => NOW);
    const after = [...again.feed(blockOf(lines.slice(resumeAt), resumeAt)), ...again.flush()];
    const seen = new Set([...before, ...after].map(({ message }) => message));
    t.deepEqual(
      booms.filter((boom) => !seen.has(boom)),
      [],
      `cut ${cut}`,
    );
  }
  t.true(restarts > 50);
});
