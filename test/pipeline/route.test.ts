import test from 'ava';
import { compileWhen, matchesSome } from '../../src/pipeline/route.js';
import { record } from '../record/sample.js';

test('labels and programs are globs, and every condition must hold', (t) => {
  const wants = compileWhen({ labels: ['*.failure', 'capacity.*'], levels: ['ERROR', 'CRITICAL'], programs: ['nova-*'] });
  t.true(wants(record('x', { label: 'network.failure', level: 'ERROR' })));
  t.true(wants(record('x', { label: 'capacity.quota', level: 'CRITICAL' })));
  t.false(wants(record('x', { label: 'network.failure', level: 'INFO' })));
  t.false(wants(record('x', { label: 'network.port', level: 'ERROR' })));
  t.false(wants(record('x', { label: 'network.failure', level: 'ERROR', program: 'cinder-api' })));
});

test('an empty condition wants everything', (t) => {
  t.true(compileWhen({})(record('x')));
});

test('what nothing classified can be asked for', (t) => {
  t.true(compileWhen({ labels: ['unclassified'] })(record('x')));
});

test('a glob that matches none of the names is told from one that does', (t) => {
  const names = ['auth.failure', 'unclassified'];
  for (const glob of ['*.failure', 'auth.*', 'unclassified', '*']) t.true(matchesSome(glob, names), glob);
  for (const glob of ['auth', '*.failed', 'nosuch.label']) t.false(matchesSome(glob, names), glob);
});
