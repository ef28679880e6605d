import test from 'ava';
import fc from 'fast-check';
import { TextCache } from '../../src/record/text-cache.js';

test('every text gives what is made of it, also where texts share a place', (t) => {
  const cache = new TextCache(4, 8, (text) => ({ text }));
  const texts = fc.string({ maxLength: 12, unit: fc.constantFrom('a', 'b', '.', '\ud800') });
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 30 }), (list) =>
      list.every((text) => cache.get(`<${text}>`, 1, 1 + text.length).text === text),
    ),
  );
  t.pass();
});

test('a text that occurs again gives the same object, one that is too long does not', (t) => {
  const cache = new TextCache(16, 4, (text) => ({ text }));
  t.is(cache.get('x nova', 2, 6), cache.get('nova y', 0, 4));
  t.not(cache.get('glance', 0, 6), cache.get('glance', 0, 6));
});
