import test from 'ava';
import { DECODER_NAMES } from '../../../src/record/decode.js';
import { decoded } from '../lines.js';

test('a logger comes as it stands, however long', (t) => {
  t.is(decoded(`2026-03-02 10:11:12.123 1 INFO ${'n'.repeat(300)} [-] m`).logger.length, 300);
});

test('the names of the decoders', (t) => {
  t.is(DECODER_NAMES[0], 'auto');
  t.true(DECODER_NAMES.includes('oslo') && DECODER_NAMES.includes('raw'));
  t.is(new Set(DECODER_NAMES).size, DECODER_NAMES.length);
});
