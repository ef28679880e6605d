#!/usr/bin/env node
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { check } from './commands/check.js';
import { classify } from './commands/classify.js';
import { evaluate } from './commands/eval.js';
import { explain } from './commands/explain.js';
import { list } from './commands/list.js';
import { memory } from './commands/memory.js';
import { parse } from './commands/parse.js';
import { replay } from './commands/replay.js';
import { run } from './commands/run.js';
import { setup } from './commands/setup.js';
import { searchAccess } from './commands/setup-access.js';
import { test } from './commands/test.js';
import { train } from './commands/train.js';
import { reportFatal } from './fatal.js';
import { version } from './version.js';

// Whoever read our messages may go away; that must not end the agent.
process.stderr.on('error', () => {});

try {
  await yargs(hideBin(process.argv))
    .scriptName('trilog')
    .usage('$0 <command>\n\nReads OpenStack logs, says of every record what happened, and ships it on.')
    .command(run)
    .command(check)
    .command(classify)
    .command(parse)
    .command(explain)
    .command(evaluate)
    .command(train)
    .command(memory)
    .command(replay)
    .command(setup(searchAccess))
    .command(test)
    .command(list)
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
