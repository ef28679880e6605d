import test from 'ava';
import { rehearsalTexts } from '../../src/training/rehearsal.js';

test('each example of the rules is a text as the model reads it, once', (t) => {
  const texts = rehearsalTexts();
  t.true(texts.length > 1000);
  t.is(new Set(texts).size, texts.length);
  t.true(texts.includes('info neutron example | failed reporting state'));
});
