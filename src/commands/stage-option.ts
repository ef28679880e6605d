import type { Argv } from 'yargs';
import { type CascadeHome, CascadePlan, COMMAND_HOME } from '../stages/build-cascade.js';
import { Cascade } from '../stages/cascade.js';
import { RuleEngine } from '../stages/rules/engine.js';
import { type CascadeArguments, cascadeConfig } from './cascade-options.js';
import { commandLog } from './command-log.js';

/** The stages that there are, in their order. */
const STAGES = ['rules', 'known', 'bert', 'llm'];

export interface StageArguments extends CascadeArguments {
  stages: string | undefined;
}

export function stageOption<T>(yargs: Argv<T>) {
  return yargs
    .option('stages', { type: 'string', requiresArg: true, describe: `stages to ask, of: ${STAGES.join(', ')}; all where it is absent` })
    .check(({ stages }) => {
      const unknown = stages?.split(',').filter((stage) => !STAGES.includes(stage)) ?? [];
      if (unknown.length > 0) throw new Error(`unknown stage ${unknown.join(', ')}; there are: ${STAGES.join(', ')}`);
      return true;
    });
}

/** The cascade that a command line asks for. A stage that it names and that cannot be used is an error. */
export async function openCascade(args: StageArguments, count: CascadeHome['events']['count'] = () => {}): Promise<Cascade> {
  const wanted = args.stages?.split(',');
  const wish = (stage: string) => (wanted === undefined ? 'if there' : wanted.includes(stage) ? 'wanted' : 'off');
  const plan = new CascadePlan(await cascadeConfig(args, wish('bert'), wish('llm')), commandLog);
  const { taxonomy, stages } = await plan.build({ ...COMMAND_HOME, events: { ...COMMAND_HOME.events, count } });
  return new Cascade(taxonomy, {
    ...stages,
    rules: wanted?.includes('rules') === false ? new RuleEngine([]) : stages.rules,
    known: wanted?.includes('known') === false ? null : stages.known,
  });
}
