// Makes models/known/openstack.bin from labelled statements: hashes and labels, no text. The same data gives the same bytes.
// Usage: node dist/models/known/build.js FOLDER [OUTPUT], where FOLDER holds labels/statements.jsonl and labels/lines.jsonl.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODELS_DIR } from '../../src/paths.js';
import { compileStatements, type LabelledStatement } from '../../src/stages/known/compile.js';
import { encodeStatements } from '../../src/stages/known/file.js';
import { KnownStatements } from '../../src/stages/known/known-statements.js';
import { loadTaxonomy } from '../../src/stages/taxonomy.js';
import { type LabelledLine, measured, permitted } from './calibrate.js';
import { selectStatements, type StatementRow } from './statements.js';

const [folder, output = join(MODELS_DIR, 'known', 'openstack.bin')] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: build FOLDER [OUTPUT]');
  process.exit(64);
}
const read = <Row>(name: string): Row[] =>
  readFileSync(join(folder, 'labels', name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);

const labels = [...loadTaxonomy().labels.keys()];
const rows = read<StatementRow>('statements.jsonl');
const unknown = rows.find(({ label, alt }) => !labels.includes(label) || (alt !== null && !labels.includes(alt)));
if (unknown !== undefined) throw new Error(`not in the taxonomy: ${unknown.label}, ${unknown.alt}`);
const statements: LabelledStatement[] = selectStatements(rows);
const confidence = measured(new KnownStatements(compileStatements(statements, labels, permitted())), read<LabelledLine>('lines.jsonl'));
const set = compileStatements(statements, labels, confidence);
const bytes = encodeStatements(set);
writeFileSync(output, bytes);
const silent = set.label.reduce((sum, label) => sum + (label === 255 ? 1 : 0), 0);
console.log(`${rows.length} statements, ${set.key.length} kept, ${silent} of them without an answer of their own; ${bytes.length} bytes`);
console.table(confidence);
