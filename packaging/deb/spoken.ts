import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import yargs from 'yargs';
import { withCommands } from '../../src/commands/command-table.js';
import { version } from '../../src/version.js';
import type { Spoken } from './contents.js';
import { type CommandHelp, manPage } from './man-page.js';

/** Of the help in the manual page, which man(1) indents by seven and shows on 80. */
const COLUMNS = 72;

/** What the built command line says about itself. @param date of the manual page. */
export async function spoken(root: string, date: string): Promise<Spoken> {
  const completion = (shell: string): string =>
    execFileSync(process.execPath, [join(root, 'dist', 'src', 'main.js'), 'completion'], {
      encoding: 'utf8',
      env: { ...process.env, SHELL: shell, ZSH_NAME: undefined },
    });
  return {
    man: manPage(version(), date, await commandHelps()),
    bashCompletion: completion('/bin/bash'),
    zshCompletion: completion('/bin/zsh'),
  };
}

/** The help of every command, in the order of the overview. */
export async function commandHelps(): Promise<CommandHelp[]> {
  const names = [...(await help()).matchAll(/^ {2}trilog (\S+)/gm)].map(([, name = '']) => name);
  const helps: CommandHelp[] = [];
  for (const name of names) helps.push({ name, help: await help(name) });
  return helps;
}

async function help(...command: readonly string[]): Promise<string> {
  let said = '';
  await withCommands(yargs().scriptName('trilog').usage('$0 <command>').wrap(COLUMNS))
    .exitProcess(false)
    .parseAsync([...command, '--help'], {}, (_error: unknown, _argv: unknown, output: string) => {
      said = output;
    });
  return said;
}
