import test from 'ava';
import { findOptional } from '../src/optional-package.js';

test('a package that is not installed is null', (t) => {
  t.is(findOptional('no-such-package'), null);
});
