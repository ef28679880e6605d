import test from 'ava';
import { decodeText } from '../../../src/record/decode-text.js';
import type { LogRecord } from '../../../src/record/record.js';
import { Prompt, SHIPPED_PROMPT } from '../../../src/stages/llm/prompt.js';
import { loadTaxonomy } from '../../../src/stages/taxonomy.js';
import { questionOf } from '../../../src/stages/template/question.js';
import { testSource } from '../../record/lines.js';
import { type Behaviour, content } from './behaviours.js';
import { BENIGN, INJECTIONS } from './injections.js';
import { llmConfig, opened, server } from './opened.js';
import { askedOf } from './received-request.js';

const TAXONOMY = loadTaxonomy();
/** What the mask has left nothing of that speaks to anybody: these may share a request. */
const DISARMED = new Set([
  'Property <num> <id> <num> <id> is not allowed',
  '<ip> - - <data> "GET <path>?name=<id> HTTP" 404 <num> <str> "curl <id>"',
  'Volume was named',
]);

function recordsOf(line: string): LogRecord[] {
  return decodeText(line, testSource()).map((record) => Object.assign(record, { level: 'ERROR' }));
}

const benign = BENIGN.flatMap(({ line }) => recordsOf(line));
const hostile = INJECTIONS.flatMap(({ line }) => recordsOf(line)).filter((record) => !DISARMED.has(questionOf(record).key.template));
const templatesOf = (request: Parameters<Behaviour>[0]): string[] => askedOf(request.body).map(({ template }) => template);

test('no line that speaks to the model shares a request with another', async (t) => {
  const of = await server(t);
  const { say } = await opened(t, llmConfig(of.baseUrl, { unknown_words: 'mask' }), { manner: 'command' });
  await say(...hostile);
  t.true(hostile.length > 100);
  t.deepEqual(
    of.requests.map(templatesOf).filter((templates) => templates.length > 1),
    [],
  );
});

test('a model that does whatever stands in a request gives the other templates the labels that they have without it', async (t) => {
  const of = await server(t);
  const { say: sayBenign } = await opened(t, llmConfig(of.baseUrl, { unknown_words: 'mask' }), { manner: 'command' });
  const alone = await sayBenign(...benign);
  const untouched = new Set(of.requests.flatMap(templatesOf));
  // Everything that was not there without the attack takes over the whole request.
  of.respond((request, labelling) => {
    const templates = templatesOf(request);
    if (templates.every((template) => untouched.has(template))) return null;
    const answers = templates.map((_, i) => [`t${i + 1}`, { label: 'storage.snapshot_backup', confidence: 1 }]);
    return content(JSON.stringify(Object.fromEntries(answers)))(request, labelling);
  });
  const { say } = await opened(t, llmConfig(of.baseUrl, { unknown_words: 'mask' }), { manner: 'command' });
  // One after the other, so that each line meets every other in the line of those that wait.
  const together = await say(...hostile.flatMap((record, i) => [record, ...(i < benign.length ? [benign[i] as LogRecord] : [])]));
  const labels = new Map(together.map((record) => [record.templateId, record.label]));
  for (const record of alone) t.is(labels.get(record.templateId), record.label, record.message);
});

test('no record holds a word of the prompt, or a label that there is not, whatever the model says', async (t) => {
  const of = await server(t);
  const prompt = Prompt.load(SHIPPED_PROMPT, TAXONOMY);
  const [leak = ''] = prompt.system.split('\n');
  const says: Behaviour[] = [
    content(prompt.system),
    content(JSON.stringify({ t1: { label: leak, confidence: 1 } })),
    content(JSON.stringify({ t1: { label: 'pwned.yes', confidence: 1 }, system: prompt.system })),
    content(JSON.stringify({ t1: { label: 'other', confidence: 0.9, reason: prompt.system } })),
    content(JSON.stringify({ t1: { label: 'auth.failure', confidence: 0.1 }, [leak]: leak })),
  ];
  let turn = 0;
  of.respond((request, labelling) => says[turn++ % says.length]?.(request, labelling) ?? null);
  const { say } = await opened(t, llmConfig(of.baseUrl, { unknown_words: 'mask', max_concurrent_requests: 1 }), { manner: 'command' });
  const records = await say(...hostile);
  for (const record of records) {
    t.true(record.label === 'unclassified' || TAXONOMY.has(record.label));
    t.true(record.guess === null || TAXONOMY.has(record.guess.label));
    t.false(JSON.stringify({ ...record, source: null }).includes(leak));
  }
});
