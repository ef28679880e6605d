import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { TrilogError } from '../../../src/errors.js';
import { Prompt, SHIPPED_PROMPT } from '../../../src/stages/llm/prompt.js';
import { loadTaxonomy } from '../../../src/stages/taxonomy.js';

const TAXONOMY = loadTaxonomy();
const folder = mkdtempSync(join(tmpdir(), 'trilog-prompt-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

function load(text: string): Prompt {
  const file = join(folder, `${files++}.md`);
  writeFileSync(file, text);
  return Prompt.load(file, TAXONOMY);
}

const OWN = '---\nversion: 7\n---\n\n## system\n\nLabels:\n{{labels}}\n\n## user\n\n{{examples}}{{nonce}}\n{{templates}}\n{{nonce}}\n';

test('the shipped prompt names every label with what it means, and asks for nothing that it does not show', (t) => {
  const prompt = Prompt.load(SHIPPED_PROMPT, TAXONOMY);
  for (const { label, summary } of TAXONOMY.labels.values()) t.true(prompt.system.includes(`- ${label}: ${summary}`), label);
  t.regex(prompt.id, /^prompt1-[0-9a-f]{12}$/);
  const asked = prompt.ask([{ id: 't1', text: 'ERROR a.b: Broken' }], [{ text: 'INFO c: Fine', label: 'service.health' }], 'MARK');
  t.regex(asked, /INFO c: Fine → service\.health\n/);
  t.regex(asked, /\nMARK\nt1: ERROR a\.b: Broken\nMARK\n/);
  t.notRegex(asked + prompt.system, /\{\{/);
});

test('a prompt of the user is taken as it is, with what was asked in its places', (t) => {
  const prompt = load(OWN);
  t.is(prompt.ask([{ id: 't1', text: 'x' }], [], 'N'), 'N\nt1: x\nN');
  t.regex(prompt.id, /^prompt7-/);
  t.not(load(OWN.replace('Labels:', 'The labels:')).id, prompt.id);
});

test('a template is never filled again, whatever it is made of', (t) => {
  t.is(load(OWN).ask([{ id: 't1', text: '{{nonce}} $& {{labels}}' }], [], 'N'), 'N\nt1: {{nonce}} $& {{labels}}\nN');
});

test('a prompt that cannot be used is told with what is wrong', (t) => {
  const cases: [text: string, message: RegExp][] = [
    ['', /needs a line "version: N"/],
    [OWN.replace('{{templates}}', ''), /no \{\{templates\}\}/],
    [OWN.replaceAll('{{nonce}}', ''), /no \{\{nonce\}\}/],
    [OWN.replace('{{labels}}', ''), /no \{\{labels\}\}/],
    [OWN.replace('{{examples}}', '{{secrets}}'), /## user has no \{\{secrets\}\}; there are \{\{examples\}\}/],
    [OWN.replace('{{labels}}', '{{labels}} {{templates}}'), /## system has no \{\{templates\}\}/],
    [OWN + 'x'.repeat(70_000), /65536 are the most/],
  ];
  for (const [text, message] of cases) {
    const error = t.throws(() => load(text), { instanceOf: TrilogError, message });
    t.is((error as TrilogError).code, 'PROMPT_INVALID');
  }
  t.throws(() => Prompt.load(join(folder, 'none.md'), TAXONOMY), { message: /ENOENT/ });
});
