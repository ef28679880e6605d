// LogHub's sample of 2,000 OpenStack lines: is every line decoded, and what label has each of its 43 templates?
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { RuleEngine } from '../../src/stages/rules/engine.js';
import { loadRules, packFile } from '../../src/stages/rules/load.js';
import { loadTaxonomy } from '../../src/stages/taxonomy.js';
import { table } from './process.js';
import { logFiles, recordsOf, requireSharedData } from './shared-data.js';

const data = requireSharedData();
const engine = new RuleEngine(loadRules([packFile('openstack')], loadTaxonomy()).map((rule) => rule.compiled));
const [file] = logFiles(data, 'loghub-2k').filter(({ name }) => name.endsWith('.log'));
if (file === undefined) throw new Error('the sample is not there');
const records = recordsOf(file);
const csv = execFileSync('xz', ['-dc', join(data, 'logs', 'loghub-2k', 'OpenStack__OpenStack_2k.log_structured.csv.xz')], {
  maxBuffer: 1 << 28,
});
const structured = parse(csv, { columns: true }) as { EventId: string; EventTemplate: string }[];

const templates = new Map<string, { text: string; lines: number; labels: Set<string> }>();
for (const [i, { EventId, EventTemplate }] of structured.entries()) {
  const template = templates.get(EventId) ?? { text: EventTemplate, lines: 0, labels: new Set() };
  template.lines++;
  const record = records[i];
  template.labels.add(record === undefined ? 'no record' : (engine.match(record)?.label ?? 'unclassified'));
  templates.set(EventId, template);
}
const raw = records.filter(({ format }) => format === 'raw').length;
console.log(`${file.lines.length} lines, ${records.length} records, ${raw} raw; ${templates.size} templates\n`);
const rows = [...templates].sort((a, b) => Number(a[0].slice(1)) - Number(b[0].slice(1)));
console.log(
  table([
    ['template', 'lines', 'label', 'text'],
    ...rows.map(([id, { text, lines, labels }]) => [id, `${lines}`, [...labels].sort().join(' or '), text.slice(0, 90)]),
  ]),
);
