import type { CommandBody } from './lazy-command.js';
import { type RecordArguments, recordOptions, throughRecords } from './record-command.js';

export const parse: CommandBody<RecordArguments> = {
  builder: recordOptions,
  handler: async (args) => {
    await throughRecords(args, () => undefined);
  },
};
