import type { Argv } from 'yargs';
import { lazy } from './lazy-command.js';

/**
 * Gives yargs every command that there is, in the order of the help.
 *
 * Each command's file is imported only when that command is given. One that did import all of them would load the search clients' set-up, the trainer and every
 * decoder to print its version, which takes several times as long as the printing.
 */
export function withCommands<T extends object>(yargs: Argv<T>): Argv<T> {
  return yargs
    .command(
      lazy('run', 'Runs the agent until it is stopped (SIGTERM, SIGINT) or its inputs end', async () => (await import('./run.js')).run),
    )
    .command(
      lazy(
        'check',
        'Checks a configuration, its rules, labels and model; exits with 78 if something is wrong',
        async () => (await import('./check.js')).check,
      ),
    )
    .command(
      lazy(
        'classify [files..]',
        'Labels the records of log files, or of a `parse` result',
        async () => (await import('./classify.js')).classify,
      ),
    )
    .command(
      lazy(
        'parse [files..]',
        'Decodes logs and writes the cleaned records, without a label; the result can be given to `classify`',
        async () => (await import('./parse.js')).parse,
      ),
    )
    .command(
      lazy(
        'explain [line]',
        'Shows the way of a record: what was decoded, which rules came into question and which one won, the template, and what the models make of it',
        async () => (await import('./explain.js')).explain,
      ),
    )
    .command(
      lazy(
        'eval',
        'Says how well labelled records are classified: overall, by stage, service, level and source, and how far the model is to be believed',
        async () => (await import('./eval.js')).evaluate,
      ),
    )
    .command(
      lazy(
        'train',
        'Teaches a model labelled records: fits a new last layer on top of its encoder, and writes a model folder of its own',
        async () => (await import('./train.js')).train,
      ),
    )
    .command(
      lazy(
        'top',
        'Shows how a running agent stands: rates, lag, outputs, stages, labels; until it is interrupted',
        async () => (await import('./top.js')).top,
      ),
    )
    .command(
      lazy(
        'tap',
        'Shows a live sample of the records of a running agent, with their labels; until it is interrupted',
        async () => (await import('./tap.js')).tap,
      ),
    )
    .command(
      lazy(
        'memory <action>',
        'Shows and changes the template memory; also while an agent uses it',
        async () => (await import('./memory.js')).memory,
      ),
    )
    .command(
      lazy(
        'replay [files..]',
        'Sends dead letters again, each once; also while the agent runs',
        async () => (await import('./replay.js')).replay,
      ),
    )
    .command(
      lazy(
        'setup <engine>',
        'Prints or installs what a search server needs: templates, lifecycle policy, data stream, dashboard',
        async () => {
          const [{ setup }, { searchAccess }] = await Promise.all([import('./setup.js'), import('./setup-access.js')]);
          return setup(searchAccess);
        },
      ),
    )
    .command(
      lazy(
        'test [files..]',
        "Tries the examples inside rule files (the openstack pack's, where no file is named)",
        async () => (await import('./test.js')).test,
      ),
    )
    .command(
      lazy(
        'list',
        'Lists the inputs and outputs that come with trilog, and the stages that can be configured',
        async () => (await import('./list.js')).list,
      ),
    );
}
