import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';

/** What the file of a command exports: its options, and what it does. */
export interface CommandBody<Args> {
  builder(yargs: Argv): Argv<Args>;
  handler(args: ArgumentsCamelCase<Args>): void | Promise<void>;
}

/** A command for yargs of which no more than name and purpose is there until it is given. @param body imports the rest. */
export function lazy<Args>(command: string, describe: string, body: () => Promise<CommandBody<Args>>): CommandModule<object, Args> {
  return {
    command,
    describe,
    builder: async (yargs: Argv) => (await body()).builder(yargs),
    handler: async (args) => await (await body()).handler(args),
  };
}
