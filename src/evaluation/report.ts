import type { Stage } from '../record/record.js';
import { type Confusion, confusions } from './confusions.js';
import type { Judged } from './judged.js';
import { type Measures, measure } from './measures.js';
import { type ModelMeasures, measureModel } from './model-measures.js';

/** Measures of the records that have something in common. */
export interface Group extends Measures {
  readonly name: string;
}

/** What an evaluation found. */
export interface Report {
  /** The model that was asked, by its id; null where the cascade has none. */
  readonly modelId: string | null;
  readonly overall: Measures;
  /** Each stage over the records that came to it, in the order of the cascade. */
  readonly stages: readonly Group[];
  /** The model over the records that came to it; null where there is none. */
  readonly model: ModelMeasures | null;
  readonly confusions: readonly Confusion[];
  readonly services: readonly Group[];
  readonly levels: readonly Group[];
  readonly sources: readonly Group[];
}

const NAMELESS = '-';

/** @param stages those that were asked, in their order: a record comes to a stage when none before it has answered. */
export function report(records: readonly Judged[], stages: readonly Stage[], modelId: string | null): Report {
  return {
    modelId,
    overall: measure(records),
    stages: stages.map((stage, i) => stageOf(records, stage, stages.slice(0, i))),
    model: modelId === null ? null : measureModel(records.filter(({ stage }) => !EARLIER.includes(stage))),
    confusions: confusions(records),
    services: groups(records, ({ service }) => service),
    levels: groups(records, ({ level }) => level),
    sources: groups(records, ({ source }) => source),
  };
}

/** What they answer does not come to the model. */
const EARLIER: readonly Stage[] = ['rule', 'known'];

function stageOf(records: readonly Judged[], name: Stage, before: readonly Stage[]): Group {
  const came = records.filter(({ stage }) => !before.includes(stage));
  return { name, ...measure(came.map(({ label, alt, answer, stage }) => ({ label, alt, answer: stage === name ? answer : null }))) };
}

/** The largest first, and by name where they are of one size. */
function groups(records: readonly Judged[], nameOf: (record: Judged) => string): Group[] {
  const members = new Map<string, Judged[]>();
  for (const record of records) {
    const name = nameOf(record) || NAMELESS;
    const found = members.get(name);
    if (found === undefined) members.set(name, [record]);
    else found.push(record);
  }
  return [...members]
    .map(([name, found]) => ({ name, ...measure(found) }))
    .sort((a, b) => b.records - a.records || (a.name < b.name ? -1 : 1));
}
