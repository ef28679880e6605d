import { exampleRecord } from '../../src/stages/rules/examples.js';
import { loadRules, packFile } from '../../src/stages/rules/load.js';
import { loadTaxonomy } from '../../src/stages/taxonomy.js';
import { whereOf } from '../../src/stages/template/question.js';

// The examples in the rules of the pack, one a line: the only texts of systemd, the kernel, brokers and databases whose labels are known for certain.
const lines = loadRules([packFile('openstack')], loadTaxonomy()).flatMap(({ rule }) =>
  rule.examples.match.map((example) => {
    const record = exampleRecord(rule, example);
    const { level, message, error, format } = record;
    // Only oslo.log and its kin write a level into every line.
    const said = format === 'syslog' ? '' : level;
    return JSON.stringify({ logger: whereOf(record).replace(/[.-]?example$/, ''), level: said, message, errorType: error?.type ?? '', label: rule.label });
  }),
);
process.stdout.write(`${lines.join('\n')}\n`);
