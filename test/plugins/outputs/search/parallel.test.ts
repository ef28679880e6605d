import test from 'ava';
import { Parallel } from '../../../../plugins/outputs/search/parallel.js';

test('one more request at a time for each round that succeeds, up to the bound', (t) => {
  const parallel = new Parallel(3);
  t.is(parallel.allowed, 1);
  parallel.succeeded();
  t.is(parallel.allowed, 2);
  parallel.succeeded();
  parallel.succeeded();
  t.is(parallel.allowed, 2, 'two that are under way together are one round');
  for (let i = 0; i < 20; i++) parallel.succeeded();
  t.is(parallel.allowed, 3);
});

test('half as many when the server has too much to do, once for all that were under way, and never none', (t) => {
  let now = 10_000;
  const parallel = new Parallel(8, 1000, () => now);
  for (let i = 0; i < 100; i++) parallel.succeeded();
  t.is(parallel.allowed, 8);
  parallel.pushedBack();
  parallel.pushedBack();
  t.is(parallel.allowed, 4);
  for (let i = 0; i < 5; i++) {
    now += 1000;
    parallel.pushedBack();
  }
  t.is(parallel.allowed, 1);
});
