import test from 'ava';
import { TrilogError } from '../src/errors.js';
import { findOptional, requireOptional } from '../src/optional-package.js';

test('a package that is not installed is null where it can be done without, and an error with a name where it cannot', (t) => {
  t.is(findOptional('no-such-package'), null);
  const error = t.throws(() => requireOptional('no-such-package', 'the kafka input'), { instanceOf: TrilogError });
  t.is((error as TrilogError).code, 'PACKAGE_MISSING');
  t.regex((error as TrilogError).message, /the kafka input needs the package "no-such-package"/);
});
