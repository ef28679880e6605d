import { basename, resolve } from 'node:path';
import { bertSchema } from '../config/schema.js';
import { TrilogError } from '../errors.js';
import type { Measures } from '../evaluation/measures.js';
import { harmless } from '../record/profiles/pretty.js';
import { type Features, openClassifier, reasonOf } from '../stages/bert/classifier.js';
import { type ModelFolder, modelPath, readModelFolder } from '../stages/bert/model-folder.js';
import { loadTaxonomy, type Taxonomy } from '../stages/taxonomy.js';
import { type Example, examplesOf } from '../training/example.js';
import { rehearsalTexts } from '../training/rehearsal.js';
import type { Standing } from '../training/standing.js';
import { type Taught, teach } from '../training/teach.js';
import { requireFree, writeModel } from '../training/write-model.js';
import { requireModelName } from './cascade-options.js';
import { columns, count, percent } from './columns.js';
import { commandLog } from './command-log.js';
import { type LabelsArguments, labelsOption, readLabels } from './labels-option.js';
import type { CommandBody } from './lazy-command.js';
import { progressBar } from './progress-bar.js';

interface TrainArguments extends LabelsArguments {
  output: string;
  model: string;
  taxonomy: string | undefined;
  name: string | undefined;
  l2: number | undefined;
  seed: number;
  holdout: number;
  quiet: boolean;
}

/** Texts that go through the encoder together. */
const TOGETHER = 512;
/** Fewer cannot be divided into those that teach and those that judge. */
const LEAST_EXAMPLES = 10;

export const train: CommandBody<TrainArguments> = {
  builder: (yargs) =>
    labelsOption(yargs)
      .option('output', {
        alias: 'o',
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'folder to write; it must not be there',
      })
      .option('model', {
        type: 'string',
        default: 'openstack',
        requiresArg: true,
        describe: 'the model that comes with trilog, or the folder of another',
      })
      .option('taxonomy', { type: 'string', requiresArg: true, describe: 'file of labels in place of the ones that come with trilog' })
      .option('name', { type: 'string', requiresArg: true, describe: "the new model's name; that of its folder where it is absent" })
      .option('l2', {
        type: 'number',
        requiresArg: true,
        describe: 'how much weights are held back; chosen by the held-out records where it is absent',
      })
      .option('seed', { type: 'number', default: 1, describe: 'decides which records are held out; the same seed gives the same model' })
      .option('holdout', { type: 'number', default: 0.2, describe: 'share of the records that chooses and judges, 0.05 to 0.5' })
      .option('quiet', { alias: 'q', type: 'boolean', default: false, describe: 'no progress on standard error' })
      .check(({ model, l2, seed, holdout }) => {
        requireModelName(model);
        if (l2 !== undefined && !(l2 > 0)) throw new Error('l2 is a number above 0');
        if (!Number.isInteger(seed)) throw new Error('seed is a whole number');
        if (!(holdout >= 0.05 && holdout <= 0.5)) throw new Error('holdout is a share, 0.05 to 0.5');
        return true;
      }),
  handler: async (args) => {
    await requireFree(args.output);
    const say = args.quiet ? (): void => {} : (line: string): void => void process.stderr.write(`${line}\n`);
    const taxonomy = args.taxonomy === undefined ? loadTaxonomy() : loadTaxonomy(args.taxonomy);
    // It need not say labels of the taxonomy: those of the new layer do.
    const base = readModelFolder(modelPath(args.model), null);
    const examples = requireEnough(examplesOf(await readLabels(args, taxonomy)), args.labels);
    const labels = labelsOf(examples, base, taxonomy);
    say(`${count(examples.length)} distinct statements of ${new Set(examples.map(({ label }) => label)).size} labels`);
    const rehearsal = labels.some((label) => base.labels.includes(label)) ? rehearsalTexts() : [];
    const features = await encode([...examples.map(({ text }) => text), ...rehearsal], base, args.quiet);
    const options = { l2: args.l2 ?? null, seed: args.seed, holdout: args.holdout };
    const taught = teach(examples, features.slice(0, examples.length), features.slice(examples.length), labels, base, options, say);
    const made = await writeModel(args.output, args.name ?? basename(resolve(args.output)), base, taught, options, taxonomy);
    if (!taught.choseThreshold)
      say(`the held-out statements do not show which answers are right: min_confidence stays ${base.minConfidence}`);
    process.stdout.write(comparison(base, made, taught));
  },
};

/** @throws TrilogError `LABELS_INVALID` where there is too little to learn from. */
function requireEnough(examples: readonly Example[], file: string): readonly Example[] {
  const labels = new Set(examples.map(({ label }) => label));
  if (examples.length >= LEAST_EXAMPLES && labels.size > 1) return examples;
  const found = `${examples.length} distinct statements of ${labels.size} label${labels.size === 1 ? '' : 's'}`;
  throw new TrilogError('LABELS_INVALID', `${file}: it has ${found}; it takes ${LEAST_EXAMPLES} of 2 to learn from`);
}

/** What the model says already stays, as far as it is in the taxonomy; what it is taught comes behind. */
function labelsOf(examples: readonly Example[], base: ModelFolder, taxonomy: Taxonomy): string[] {
  const taught = new Set(examples.flatMap(({ label, alt }) => (alt === null ? [label] : [label, alt])));
  const kept = base.labels.filter((label) => taxonomy.has(label));
  return [...kept, ...[...taxonomy.labels.keys()].filter((label) => taught.has(label) && !kept.includes(label))];
}

async function encode(texts: readonly string[], model: ModelFolder, quiet: boolean): Promise<Features[]> {
  const { threads, execution_providers } = bertSchema.parse({});
  const classifier = await openClassifier({ model, threads, maxTokens: model.maxTokens, executionProviders: execution_providers });
  if (classifier.warning !== null) commandLog.warn(classifier.warning);
  if (!classifier.hasPooled)
    throw new TrilogError('MODEL_INVALID', `${model.path}: model.onnx has no output "pooled" [batch, width], which a new layer reads`);
  const bar = quiet ? null : progressBar(texts.length, 'statements');
  const features: Features[] = [];
  for (let i = 0; i < texts.length; i += TOGETHER) {
    const batch = texts.slice(i, i + TOGETHER);
    features.push(...(await classifier.features(batch).catch(unusable)));
    bar?.increment(batch.length);
  }
  bar?.stop();
  return features;
}

function unusable(cause: unknown): never {
  throw new TrilogError('MODEL_INVALID', reasonOf(cause), { cause });
}

/** Before and after, on the statements that were held out. */
function comparison(base: ModelFolder, made: ModelFolder, { held, before, after, l2, minConfidence }: Taught): string {
  const row = (name: string, { answers, model }: Standing): string[] => [
    harmless(name),
    ...[model.right, model.rightOrSecond, model.top2, model.macroF1, model.ece].map(percent),
    ...answerCells(answers),
  ];
  const head = ['', 'right', 'or second', 'in the first two', 'macro-F1', 'calibration error', 'sure enough', 'right', 'or second'];
  return `${count(held)} statements were held out (and chose what was not given: l2 ${l2}, min_confidence ${minConfidence}):
${columns([head, row(base.id, before), row(`${made.id}, before it saw them`, after)])}

${made.path} is there. Use it with \`model: ${made.path}\` under classify.bert; compare with \`trilog eval --model ${made.path} --labels FILE\`.
`;
}

function answerCells({ coverage, rightOfAnswered, rightOrSecondOfAnswered }: Measures): string[] {
  return [coverage, rightOfAnswered, rightOrSecondOfAnswered].map(percent);
}
