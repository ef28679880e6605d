import { hostname } from 'node:os';
import { decodeText } from '../record/decode-text.js';
import { EcsEncoder } from '../record/profiles/ecs.js';
import { harmless } from '../record/profiles/pretty.js';
import type { LogRecord } from '../record/record.js';
import type { Guess } from '../stages/bert/softmax.js';
import { CascadePlan, COMMAND_HOME } from '../stages/build-cascade.js';
import type { TemplateStages } from '../stages/template-stages.js';
import { type CascadeArguments, cascadeConfig, cascadeOptions } from './cascade-options.js';
import { commandLog } from './command-log.js';
import type { CommandBody } from './lazy-command.js';
import { llmRequest, silentHome } from './llm-request.js';
import { requireTimezone } from './record-command.js';
import { endWithReader } from './writing.js';

interface ExplainArguments extends CascadeArguments {
  line: string | undefined;
  timezone: string;
  'llm-request': boolean;
}

export const explain: CommandBody<ExplainArguments> = {
  builder: (yargs) =>
    cascadeOptions(yargs)
      .positional('line', { type: 'string', describe: 'a log line; standard input where it is absent, so that it may have several lines' })
      .option('timezone', { type: 'string', default: 'Etc/UTC', describe: 'IANA zone of timestamps that name none' })
      .option('llm-request', {
        type: 'boolean',
        default: false,
        describe: 'print exactly what would be sent to the language model of --config, and send nothing',
      })
      .check(({ timezone }) => requireTimezone(timezone))
      .check(({ config, 'llm-request': request }) => !request || config !== undefined || '--llm-request needs --config'),
  handler: async (args) => {
    const config = await cascadeConfig(args, 'if there', 'if there');
    const plan = new CascadePlan(config, commandLog);
    const places = new Map(plan.rules.map(({ rule, file, line }) => [rule.id, `${file}:${line()}`]));
    const cascade = await plan.build(args['llm-request'] ? silentHome(config.dataDir) : COMMAND_HOME);
    endWithReader(() => cascade.close());
    const encoder = new EcsEncoder();
    const source = {
      id: 'explain',
      input: 'command',
      name: 'explain',
      program: '',
      host: hostname(),
      timezone: args.timezone,
      format: 'auto',
    };
    for (const record of decodeText(args.line ?? (await standardInput()), source)) {
      const { tried, winner } = plan.engine.explain(record);
      await cascade.classify([record]);
      if (args['llm-request']) {
        process.stdout.write(printable(await llmRequest(record, cascade.stages.templates?.llm ?? null)));
        continue;
      }
      const label = plan.taxonomy.labels.get(record.label);
      process.stdout.write(`${printable(JSON.stringify(JSON.parse(encoder.encode(record)), null, 2))}\n\n`);
      process.stdout.write(`rules in question: ${tried.length === 0 ? 'none' : ''}\n`);
      for (const rule of tried)
        process.stdout.write(`  ${rule === winner ? 'won  ' : 'tried'} ${rule.id} → ${rule.label} (${places.get(rule.id) ?? ''})\n`);
      if (cascade.stages.templates !== null) process.stdout.write(await templateLines(cascade.stages.templates, record));
      process.stdout.write(`label: ${record.label}${label === undefined ? '' : ` (${label.summary})`} by ${record.stage}\n\n`);
    }
    await cascade.close();
  },
};

/** The template, and what the model makes of it, whichever stage answered. */
async function templateLines(stages: TemplateStages, record: LogRecord): Promise<string> {
  const { template, id, text, guesses, llm } = await stages.explain(record);
  const lines = [`template: ${printable(JSON.stringify(template))} (${id})`];
  const { bert, llm: language } = stages;
  if (bert !== null) lines.push(`the model reads: ${printable(JSON.stringify(text))}`, `${bert.model.id}:`, ...guessLines(guesses, bert));
  if (language !== null && llm !== null) lines.push(`${harmless(llm.model)}:`, ...guessLines(llm.guesses, language));
  else if (language !== null) lines.push(`${harmless(language.id)}: not asked, or no answer`);
  return `${lines.join('\n')}\n`;
}

function guessLines(guesses: readonly Guess[], model: { accepts(guess: Guess): boolean }): string[] {
  if (guesses.length === 0) return ['  no answer'];
  return guesses.map((guess) => {
    const verdict = model.accepts(guess) ? '' : ' (not sure enough)';
    return `  ${(100 * guess.confidence).toFixed(1).padStart(5)} % ${guess.label}${verdict}`;
  });
}

/** JSON escapes only C0 controls; others, and marks that turn the direction of writing, would steer the terminal just as well. */
function printable(json: string): string {
  const code = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return json.replace(/[\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, code);
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
