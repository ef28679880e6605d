import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { modelText } from '../../../src/stages/template/model-text.js';
import { templateOf } from '../../../src/stages/template/template.js';
import { osloLines } from '../../bench/generate.js';

const PYTHON =
  'import json,sys; sys.path.insert(0, sys.argv[1]); import texts; print(json.dumps(texts.mask([json.loads(line) for line in sys.stdin])))';

test('Python and TypeScript give 5,000 records the same texts', (t) => {
  if (spawnSync('python3', ['--version']).status !== 0) {
    t.log('skipped: there is no python3 here');
    t.pass();
    return;
  }
  const records = [...osloLines(5_000, 7)].map((line, i) => {
    const [, , , level = '', logger = ''] = line.split(' ');
    const error = i % 50 === 0 ? { type: 'nova.exception.PortBindingFailed', message: `Binding failed for port ${i}` } : null;
    return { logger, level, message: line.slice(line.indexOf('] ') + 2), error };
  });
  const input = records
    .map(({ error, ...record }) => JSON.stringify({ ...record, ...(error && { errorType: error.type, errorMessage: error.message }) }))
    .join('\n');
  const done = spawnSync('python3', ['-c', PYTHON, join(PACKAGE_ROOT, 'models', 'training')], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  t.is(done.stderr, '');
  t.deepEqual(
    JSON.parse(done.stdout),
    records.map((record) => modelText(record.logger, record.level, templateOf(record))),
  );
});
