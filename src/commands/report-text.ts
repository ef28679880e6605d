import type { Measures } from '../evaluation/measures.js';
import type { ModelMeasures } from '../evaluation/model-measures.js';
import type { Group, Report } from '../evaluation/report.js';
import { harmless } from '../record/profiles/pretty.js';
import { columns, count, percent } from './columns.js';

/** Rows of a table for a person; a machine gets all. */
const MOST_ROWS = 20;

/** A report for a person. */
export function reportText(report: Report): string {
  const { overall, stages, model, modelId } = report;
  return [
    `${measuresTable('', [{ name: 'all stages', ...overall }, ...stages.map((stage) => ({ ...stage, name: `by ${stage.name}` }))])}
  right: of the answered. right of all: no answer is not right. or second: a second label is right as well.`,
    model === null || modelId === null ? '' : modelText(modelId, model),
    confusionTable(report),
    measuresTable('service', report.services),
    measuresTable('level', report.levels),
    measuresTable('source', report.sources),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

const HEAD = ['records', 'answered', 'coverage', 'right', 'or second', 'right of all', 'or second', 'macro-F1'];

function measuresTable(title: string, groups: readonly Group[]): string {
  return columns([[title, ...HEAD], ...groups.slice(0, MOST_ROWS).map((group) => [harmless(group.name), ...cells(group)])]).concat(
    more(groups),
  );
}

function cells(measures: Measures): string[] {
  const { rightOfAnswered, rightOrSecondOfAnswered, rightOfAll, rightOrSecondOfAll } = measures;
  return [
    ...[count(measures.records), count(measures.answered), percent(measures.coverage)],
    ...[rightOfAnswered, rightOrSecondOfAnswered, rightOfAll, rightOrSecondOfAll, measures.macroF1].map(percent),
  ];
}

/** The likeliest label, whether or not it was sure enough, and how far its confidence is to be believed. */
export function modelText(id: string, model: ModelMeasures): string {
  const { asked, right, rightOrSecond, top2, macroF1, ece, bins } = model;
  const rows = bins
    .filter(({ answers }) => answers > 0)
    .map(({ from, to, answers, confidence, right }) => [
      `${from.toFixed(1)} to ${to.toFixed(1)}`,
      ...[count(answers), percent(confidence), percent(right)],
    ]);
  return [
    `${harmless(id)}, its likeliest label, however sure it is:`,
    columns([
      ['', 'asked', 'right', 'or second', 'in the first two', 'macro-F1', 'calibration error'],
      ['', count(asked), ...[right, rightOrSecond, top2, macroF1, ece].map(percent)],
    ]),
    columns([['confidence', 'answers', 'mean', 'right'], ...rows]),
  ].join('\n');
}

function confusionTable({ confusions }: Report): string {
  if (confusions.length === 0) return '';
  const rows = confusions
    .slice(0, MOST_ROWS)
    .map(({ label, answer, records, firstLine }) => [`${harmless(label)} → ${harmless(answer)}`, count(records), count(firstLine)]);
  return columns([['label → wrong answer', 'records', 'first at line'], ...rows]).concat(more(confusions));
}

function more(all: readonly unknown[]): string {
  return all.length > MOST_ROWS ? `\n  … ${count(all.length - MOST_ROWS)} more` : '';
}
