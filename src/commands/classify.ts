import type { CommandModule } from 'yargs';
import { buildCascade } from '../pipeline/agent.js';
import { packFile } from '../stages/rules/load.js';
import { type RecordArguments, recordOptions, throughRecords } from './record-command.js';

/** The stages that there are, in their order. */
const STAGES = ['rules'];

interface ClassifyArguments extends RecordArguments {
  stages: string;
  rules: string[];
  taxonomy: string | undefined;
}

export const classify: CommandModule<object, ClassifyArguments> = {
  command: 'classify [files..]',
  describe: 'Labels the records of log files, or of a `parse` result',
  builder: (yargs) =>
    recordOptions(yargs)
      .option('stages', { type: 'string', default: STAGES.join(','), describe: `stages to ask, of: ${STAGES.join(', ')}` })
      .option('rules', {
        type: 'string',
        array: true,
        default: [] as string[],
        describe: 'rule files of yours; they win over the openstack pack',
      })
      .option('taxonomy', { type: 'string', requiresArg: true, describe: 'file of labels in place of the ones that come with trilog' })
      .check(({ stages }) => {
        const unknown = stages.split(',').filter((stage) => !STAGES.includes(stage));
        if (unknown.length > 0) throw new Error(`unknown stage ${unknown.join(', ')}; there are: ${STAGES.join(', ')}`);
        return true;
      }),
  handler: async (args) => {
    const cascade = buildCascade({ taxonomyFile: args.taxonomy ?? null, ruleFiles: [...args.rules, packFile('openstack')] });
    await throughRecords(args, (records) => cascade.classify(records));
  },
};
