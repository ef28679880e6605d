// Makes models/llm/vocabulary.txt: the words that may leave for an LLM endpoint. Single words, sorted; nothing of what they said together.
// Usage: node dist/models/llm/vocabulary.js FOLDER [OUTPUT], where FOLDER holds templates.jsonl.xz, templates-old-releases.jsonl.xz and exceptions.jsonl.xz.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { MODELS_DIR } from '../../src/paths.js';
import { patternOf } from '../../src/stages/known/template.js';
import { partsOf, segmentsOf } from '../../src/stages/llm/redaction/word-parts.js';
import { exampleRecord } from '../../src/stages/rules/examples.js';
import { loadRules, packFile } from '../../src/stages/rules/load.js';
import { loadTaxonomy } from '../../src/stages/taxonomy.js';
import { templateOf } from '../../src/stages/template/template.js';
import { isWord, NOT_WORDS } from './words.js';

interface Statement {
  readonly logger: string;
  readonly template: string;
}

interface ExceptionClass {
  readonly class: string;
  readonly module: string;
  readonly msg_fmt: string;
}

/** What one statement alone says may be an accident: a name in an example, a slip of the pen. */
const MIN_STATEMENTS = 2;
/** The longest name that is taken in one piece besides its parts. */
const LONGEST_JOINED = 12;
const HEADER = `# The words that may leave for an LLM endpoint. Made by models/llm/vocabulary.ts; single words of log statements, loggers, classes of
# exceptions, rules and the taxonomy of OpenStack logs.
`;

const [folder, output = join(MODELS_DIR, 'llm', 'vocabulary.txt')] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: vocabulary FOLDER [OUTPUT]');
  process.exit(64);
}
const read = <Row>(name: string): Row[] =>
  execFileSync('xz', ['-dc', join(folder, name)], { encoding: 'utf8', maxBuffer: 1 << 30 })
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);

const statements = ['templates.jsonl.xz', 'templates-old-releases.jsonl.xz'].flatMap((name) => read<Statement>(name));
const exceptions = read<ExceptionClass>('exceptions.jsonl.xz');
const taxonomy = loadTaxonomy();
const rules = loadRules([packFile('openstack')], taxonomy);

/** How many different statements say a word. */
const said = new Map<string, number>();
for (const template of new Set([...statements.map((row) => row.template), ...exceptions.map((row) => row.msg_fmt)])) {
  const run = patternOf(template).runs.flat();
  for (const word of new Set(run.flatMap((word) => [...wordsOf(word), ...joined(word)]))) said.set(word, (said.get(word) ?? 0) + 1);
}
const words = new Set([...said].filter(([, count]) => count >= MIN_STATEMENTS).map(([word]) => word));

const names = [
  ...statements.map((row) => row.logger),
  ...exceptions.flatMap((row) => [row.class, row.module]),
  ...[...taxonomy.labels.values()].flatMap(({ label, summary }) => [label, summary]),
  ...rules.flatMap(({ rule }) => rule.examples.match.map((example) => templateOf(exampleRecord(rule, example)).replaceAll(/<[a-z]+>/g, ' '))),
  ...rules.flatMap(({ rule }) => [rule.logger, rule.program, rule.starts, rule.contains].flatMap((texts) => texts ?? [])),
  ...Object.keys(constants.errno),
  ...Object.keys(constants.signals),
];
for (const name of new Set(names)) for (const word of wordsOf(name)) words.add(word);

const kept = [...words].filter((word) => isWord(word) && !NOT_WORDS.has(word)).sort();
writeFileSync(output, `${HEADER}${kept.join('\n')}\n`);
console.log(`${kept.length} words; ${said.size} in all statements`);

function wordsOf(text: string): string[] {
  return text.split(/\s+/).flatMap((word) => segmentsOf(word).flatMap(partsOf));
}

/** `RabbitMQ`, which is written `rabbitmq` as well. */
function joined(text: string): string[] {
  return /^(?=.*[a-z])[A-Za-z]+$/.test(text) && text.length <= LONGEST_JOINED ? [text.toLowerCase()] : [];
}
