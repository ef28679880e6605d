import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { folderOf } from '../search/trilog-process.js';
import { promtool } from './promtool.js';

const ALERTS = join(PACKAGE_ROOT, 'examples', 'prometheus', 'alerts.yaml');

test('Prometheus takes the alert rules', async (t) => {
  const { status, said } = await promtool(['check', 'rules', ALERTS]);
  t.is(status, 0, said);
  t.regex(said, /SUCCESS: \d+ rules found/);
});

test('the alerts fire for what they are for, and not for its like', async (t) => {
  const cases = readFileSync(join(PACKAGE_ROOT, 'test', 'services', 'telemetry', 'alerts.yaml'), 'utf8');
  const file = join(folderOf(t), 'alerts.yaml');
  writeFileSync(file, cases.replace('[ALERTS]', JSON.stringify([ALERTS])));
  const { status, said } = await promtool(['test', 'rules', file]);
  t.is(status, 0, said);
});
