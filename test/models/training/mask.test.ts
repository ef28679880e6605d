import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { modelText } from '../../../src/stages/template/model-text.js';
import { whereOf } from '../../../src/stages/template/question.js';
import { templateOf } from '../../../src/stages/template/template.js';
import { osloLines } from '../../bench/generate.js';

interface Row {
  readonly logger: string;
  readonly level: string;
  readonly message: string;
  readonly error: { readonly type: string; readonly message: string } | null;
}

const PYTHON =
  'import json,sys; sys.path.insert(0, sys.argv[1]); import texts; print(json.dumps(texts.mask([json.loads(line) for line in sys.stdin])))';

/** Where there is no Python there is nothing to compare with. */
const testWithPython = spawnSync('python3', ['--version']).status === 0 ? test : test.skip;

/** What Python makes of the rows. */
function byPython(rows: readonly Row[]): { status: number | null; err: string; texts: unknown } {
  const lines = rows.map(({ error, ...row }) =>
    JSON.stringify({ ...row, ...(error && { errorType: error.type, errorMessage: error.message }) }),
  );
  const options = { input: lines.join('\n'), encoding: 'utf8', maxBuffer: 1 << 26 } as const;
  const { status, stdout, stderr } = spawnSync('python3', ['-c', PYTHON, join(PACKAGE_ROOT, 'models', 'training')], options);
  return { status, err: stderr, texts: status === 0 ? JSON.parse(stdout) : null };
}

function byUs(rows: readonly Row[]): string[] {
  return rows.map((row) => modelText(row.logger, row.level, templateOf(row)));
}

testWithPython('Python and TypeScript give 5,000 records the same texts', (t) => {
  const rows = [...osloLines(5_000, 7)].map((line, i) => {
    const [, , , level = '', logger = ''] = line.split(' ');
    const error = i % 50 === 0 ? { type: 'nova.exception.PortBindingFailed', message: `Binding failed for port ${i}` } : null;
    return { logger, level, message: line.slice(line.indexOf('] ') + 2), error };
  });
  t.deepEqual(byPython(rows), { status: 0, err: '', texts: byUs(rows) });
});

function said(message: string, row: Partial<Row> = {}): Row {
  return { logger: 'nova', level: 'ERROR', message, error: null, ...row };
}

/** What lines of JSON, pipes and encodings may spoil, and the text that it should give. */
const UNLUCKY: readonly (readonly [row: Row, text: string])[] = [
  [said('Das Gerät „vda“ ist voll: über 10 GB'), 'error nova | das gerät „vda“ ist voll : über <num> gb'],
  [said('ディスク 10 が\u3000いっぱいです 🔥'), 'error nova | ディスク <num> が\u3000いっぱいです 🔥'],
  [said('half \ud800 a pair'), 'error nova | half \ud800 a pair'],
  [said('no\u0085line\u2028ends\u000bhere'), 'error nova | no\u0085line ends here'],
  [said('Failed to bind port 12\nsecond of 3\r\nthird\nfourth'), 'error nova | failed to bind port <num> second of <num> third'],
  [
    said('it failed', { error: { type: 'a.BäseError', message: 'größer\nals 10' } }),
    'error nova | it failed : bäse error : größer als <num>',
  ],
  [
    said('queue 12 is blocked', { level: '', logger: whereOf({ logger: '', program: 'rabbitmq-server' }) }),
    'rabbitmq server | queue <num> is blocked',
  ],
];

testWithPython('texts that are not ASCII, of several lines, of a program are the same, too', (t) => {
  const rows = UNLUCKY.map(([row]) => row);
  const texts = UNLUCKY.map(([, text]) => text);
  t.deepEqual(byUs(rows), texts);
  t.deepEqual(byPython(rows), { status: 0, err: '', texts });
});
