#!/usr/bin/env node
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { withCommands } from './commands/command-table.js';
import { reportFatal } from './fatal.js';
import { version } from './version.js';

// Whoever read our messages may go away; that must not end the agent.
process.stderr.on('error', () => {});

try {
  const cli = yargs(hideBin(process.argv))
    .scriptName('trilog')
    .usage('$0 <command>\n\nReads OpenStack logs, says of every record what happened, and ships it on.');
  await withCommands(cli)
    .demandCommand(1, 'Which command?')
    .strict()
    .completion('completion', 'Prints a completion script for the shell')
    .version(version())
    .fail((message, error, help) => {
      // An error with a message is one of the command line, found by a check; one without comes from a command.
      if (error && !message) throw error;
      process.stderr.write(`${message || error?.message}\n\n`);
      help.showHelp('error');
      process.exit(64); // EX_USAGE
    })
    .parseAsync();
} catch (error) {
  process.exitCode = reportFatal(error);
}
