import test from 'ava';
import { RecentTemplates } from '../../../src/stages/memory/recent.js';

test('what is used stays; of the rest so many are kept as there is room for', (t) => {
  const recent = new RecentTemplates<number>(100, 1 << 20);
  recent.set('INFO', 'a', 'used', -1);
  let kept = 0;
  for (let i = 0; i < 1000; i++) {
    recent.set('INFO', 'a', `t${i}`, i);
    t.is(recent.get('INFO', 'a', 'used'), -1);
  }
  for (let i = 0; i < 1000; i++) if (recent.get('INFO', 'a', `t${i}`) !== undefined) kept++;
  t.true(kept > 40 && kept <= 100, `${kept}`);
});

test('large texts count by their size', (t) => {
  const recent = new RecentTemplates<number>(1000, 100_000);
  for (let i = 0; i < 100; i++) recent.set('', 'a', `${i}${'x'.repeat(10_000)}`, i);
  t.is(recent.get('', 'a', `0${'x'.repeat(10_000)}`), undefined);
  t.is(recent.get('', 'a', `99${'x'.repeat(10_000)}`), 99);
});

test('level, logger and template all count', (t) => {
  const recent = new RecentTemplates<number>(10, 1 << 20);
  recent.set('INFO', 'a', 'x', 1);
  t.is(recent.get('ERROR', 'a', 'x'), undefined);
  t.is(recent.get('INFO', 'b', 'x'), undefined);
  t.is(recent.get('INFO', 'a', 'x'), 1);
});
