import { writeFile } from 'node:fs/promises';
import { forMachines } from '../evaluation/for-machines.js';
import type { Judged } from '../evaluation/judged.js';
import { report } from '../evaluation/report.js';
import type { Labelled } from '../labels/labelled.js';
import type { Stage } from '../record/record.js';
import type { Guess } from '../stages/bert/softmax.js';
import type { Cascade } from '../stages/cascade.js';
import { cascadeOptions } from './cascade-options.js';
import { type LabelsArguments, labelsOption, readLabels } from './labels-option.js';
import type { CommandBody } from './lazy-command.js';
import { progressBar } from './progress-bar.js';
import { reportText } from './report-text.js';
import { openCascade, type StageArguments, stageOption } from './stage-option.js';
import { endWithReader, refuseInputAsOutput, writeFault } from './writing.js';

interface EvalArguments extends LabelsArguments, StageArguments {
  format: 'text' | 'json';
  output: string | null;
  quiet: boolean;
}

/** Records that are classified together. */
const TOGETHER = 1000;

export const evaluate: CommandBody<EvalArguments> = {
  builder: (yargs) =>
    stageOption(cascadeOptions(labelsOption(yargs)))
      .option('format', { alias: 'f', choices: ['text', 'json'] as const, default: 'text' as const, describe: 'what to write' })
      .option('output', {
        alias: 'o',
        type: 'string',
        default: null as string | null,
        describe: 'file to write in place of standard output',
      })
      .option('quiet', { alias: 'q', type: 'boolean', default: false, describe: 'no progress bar on standard error' }),
  handler: async (args) => {
    if (args.output !== null) refuseInputAsOutput([args.labels], args.output);
    const cascade = await openCascade(args);
    if (args.output === null) endWithReader(() => cascade.close());
    try {
      const labelled = await readLabels(args, cascade.taxonomy);
      const judged = await judge(labelled, cascade, args.quiet);
      const found = report(judged, stagesOf(cascade, args), cascade.stages.templates?.bert?.model.id ?? null);
      await write(args, args.format === 'json' ? `${JSON.stringify(forMachines(found))}\n` : reportText(found));
    } finally {
      await cascade.close();
    }
  },
};

/** The stages that there are, as records name them. */
function stagesOf({ stages }: Cascade, { stages: wanted }: EvalArguments): Stage[] {
  const rules: Stage[] = wanted?.split(',').includes('rules') === false ? [] : ['rule'];
  return [
    ...rules,
    ...(stages.known === null ? [] : ['known' as const]),
    ...(stages.templates?.bert == null ? [] : ['bert' as const]),
    ...(stages.templates?.llm == null ? [] : ['llm' as const]),
  ];
}

async function judge(labelled: readonly Labelled[], cascade: Cascade, quiet: boolean): Promise<Judged[]> {
  const model = new Guesses(cascade);
  const judged: Judged[] = [];
  const bar = quiet ? null : progressBar(labelled.length, 'records');
  for (let i = 0; i < labelled.length; i += TOGETHER) {
    const batch = labelled.slice(i, i + TOGETHER);
    await cascade.classify(batch.map(({ record }) => record));
    judged.push(...(await Promise.all(batch.map(async (row) => judgedOf(row, await model.of(row))))));
    bar?.increment(batch.length);
  }
  bar?.stop();
  return judged;
}

function judgedOf({ record, label, alt, origin, line }: Labelled, guesses: readonly Guess[]): Judged {
  const { stage, level, logger, program } = record;
  const service = logger === '' ? program : (logger.split('.', 1)[0] ?? '');
  return { label, alt, answer: stage === 'none' ? null : record.label, guesses, stage, service, level, source: origin, line };
}

/** The model's likeliest labels. A record keeps only the first, so the model is asked again, once per template. */
class Guesses {
  readonly #asked = new Map<string, Promise<readonly Guess[]>>();

  constructor(readonly cascade: Cascade) {}

  async of({ record }: Labelled): Promise<readonly Guess[]> {
    const { templates } = this.cascade.stages;
    if (templates === null || record.templateId === '') return [];
    const before = this.#asked.get(record.templateId);
    if (before !== undefined) return before;
    const guesses = templates.explain(record).then((explained) => explained.guesses);
    this.#asked.set(record.templateId, guesses);
    return guesses;
  }
}

async function write({ output }: EvalArguments, text: string): Promise<void> {
  if (output === null) {
    process.stdout.write(text);
    return;
  }
  try {
    await writeFile(output, text);
  } catch (cause) {
    throw writeFault(output, cause);
  }
}
