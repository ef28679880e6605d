import { Tally } from '../telemetry/tally.js';
import { cascadeOptions } from './cascade-options.js';
import type { CommandBody } from './lazy-command.js';
import { type RecordArguments, recordOptions, throughRecords } from './record-command.js';
import { openCascade, type StageArguments, stageOption } from './stage-option.js';

export const classify: CommandBody<RecordArguments & StageArguments> = {
  builder: (yargs) => stageOption(cascadeOptions(recordOptions(yargs))),
  handler: async (args) => {
    const tally = new Tally();
    const cascade = await openCascade(args, (name, by) => tally.count(name, by));
    try {
      await throughRecords(args, (records) => cascade.classify(records), tally);
    } finally {
      await cascade.close();
    }
  },
};
