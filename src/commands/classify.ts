import type { CommandModule } from 'yargs';
import { cascadeOptions } from './cascade-options.js';
import { type RecordArguments, recordOptions, throughRecords } from './record-command.js';
import { openCascade, type StageArguments, stageOption } from './stage-option.js';

export const classify: CommandModule<object, RecordArguments & StageArguments> = {
  command: 'classify [files..]',
  describe: 'Labels the records of log files, or of a `parse` result',
  builder: (yargs) => stageOption(cascadeOptions(recordOptions(yargs))),
  handler: async (args) => {
    const cascade = await openCascade(args);
    try {
      await throughRecords(args, (records) => cascade.classify(records));
    } finally {
      await cascade.close();
    }
  },
};
