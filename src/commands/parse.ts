import type { CommandModule } from 'yargs';
import { type RecordArguments, recordOptions, throughRecords } from './record-command.js';

export const parse: CommandModule<object, RecordArguments> = {
  command: 'parse [files..]',
  describe: 'Decodes logs and writes the cleaned records, without a label; the result can be given to `classify`',
  builder: recordOptions,
  handler: async (args) => {
    await throughRecords(args, () => undefined);
  },
};
