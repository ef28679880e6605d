import test from 'ava';
import { decodeText } from '../../../src/record/decode-text.js';
import { loadTaxonomy } from '../../../src/stages/taxonomy.js';
import { templateOf } from '../../../src/stages/template/template.js';
import { testSource } from '../../record/lines.js';
import { BENIGN, INJECTIONS } from './injections.js';

const recordsOf = (line: string) => decodeText(line, testSource());
const templatesOf = (line: string) => recordsOf(line).map(templateOf);

test('every injection is a record of a known form, and most have a template of their own', (t) => {
  t.true(INJECTIONS.length >= 80);
  t.is(new Set(INJECTIONS.map(({ line }) => line)).size, INJECTIONS.length);
  for (const { line } of INJECTIONS) {
    const records = recordsOf(line);
    t.true(records.length > 0 && records.every(({ format }) => format !== 'raw'), line);
  }
  t.true(new Set(INJECTIONS.flatMap(({ line }) => templatesOf(line))).size >= 60);
});

test('the lines beside them are one record each, of different templates and with labels that there are', (t) => {
  const taxonomy = loadTaxonomy();
  for (const { line, label } of BENIGN) {
    t.is(templatesOf(line).length, 1, line);
    t.true(taxonomy.has(label), label);
  }
  t.is(new Set(BENIGN.flatMap(({ line }) => templatesOf(line))).size, BENIGN.length);
});
