import { checkExamples } from '../stages/rules/examples.js';
import { loadRules, packFile } from '../stages/rules/load.js';
import { loadTaxonomy } from '../stages/taxonomy.js';
import type { CommandBody } from './lazy-command.js';

export const test: CommandBody<{ files: string[] | undefined; taxonomy: string | undefined }> = {
  builder: (yargs) =>
    yargs
      .positional('files', { type: 'string', array: true, describe: 'rule files, tested as one pack in this order' })
      .option('taxonomy', { type: 'string', requiresArg: true, describe: 'file of labels in place of the ones that come with trilog' }),
  handler: ({ files, taxonomy }) => {
    const chosen = files === undefined || files.length === 0 ? [packFile('openstack')] : files;
    const rules = loadRules(chosen, taxonomy === undefined ? loadTaxonomy() : loadTaxonomy(taxonomy));
    const { examples, failures } = checkExamples(rules);
    for (const { rule, message } of failures) process.stdout.write(`${rule.file}:${rule.line()}: ${rule.rule.id}: ${message}\n`);
    process.stdout.write(
      `${rules.length} rules, ${examples} examples: ${failures.length === 0 ? 'all as they should be' : `${failures.length} wrong`}\n`,
    );
    if (failures.length > 0) process.exitCode = 1;
  },
};
