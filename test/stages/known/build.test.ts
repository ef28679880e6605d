import test from 'ava';
import '../../../models/known/calibrate.js';
test('x', (t) => t.pass());
