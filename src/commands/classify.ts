import type { CommandModule } from 'yargs';
import { CascadePlan } from '../stages/build-cascade.js';
import { Cascade } from '../stages/cascade.js';
import { RuleEngine } from '../stages/rules/engine.js';
import { type CascadeArguments, cascadeConfig, cascadeOptions } from './cascade-options.js';
import { commandLog } from './command-log.js';
import { type RecordArguments, recordOptions, throughRecords } from './record-command.js';

/** The stages that there are, in their order. */
const STAGES = ['rules', 'known', 'bert'];

interface ClassifyArguments extends RecordArguments, CascadeArguments {
  stages: string | undefined;
}

export const classify: CommandModule<object, ClassifyArguments> = {
  command: 'classify [files..]',
  describe: 'Labels the records of log files, or of a `parse` result',
  builder: (yargs) =>
    cascadeOptions(recordOptions(yargs))
      .option('stages', { type: 'string', requiresArg: true, describe: `stages to ask, of: ${STAGES.join(', ')}; all where it is absent` })
      .check(({ stages }) => {
        const unknown = stages?.split(',').filter((stage) => !STAGES.includes(stage)) ?? [];
        if (unknown.length > 0) throw new Error(`unknown stage ${unknown.join(', ')}; there are: ${STAGES.join(', ')}`);
        return true;
      }),
  handler: async (args) => {
    const wanted = args.stages?.split(',');
    const bert = wanted === undefined ? 'if there' : wanted.includes('bert') ? 'wanted' : 'off';
    const built = await new CascadePlan(cascadeConfig(args, bert), commandLog).build(null);
    const { taxonomy, stages } = built;
    const cascade = new Cascade(taxonomy, {
      ...stages,
      rules: wanted?.includes('rules') === false ? new RuleEngine([]) : stages.rules,
      known: wanted?.includes('known') === false ? null : stages.known,
    });
    try {
      await throughRecords(args, (records) => cascade.classify(records));
    } finally {
      await cascade.close();
    }
  },
};
