import { matchesGlob } from '../../record/glob.js';
import { LEVELS, type Level, type Stage } from '../../record/record.js';

/** What a tap is to show; null where everything is. */
export interface TapRequest {
  /** Globs on labels, of which one has to match; none where every label is shown. */
  readonly labels: readonly string[];
  /** The least severity; records without one are not shown then. */
  readonly level: Exclude<Level, ''> | null;
  readonly stage: Stage | null;
  readonly input: string | null;
  /** Glob on the name of the service, as `service.name` has it. */
  readonly service: string | null;
  /** Records a second, at most. */
  readonly rate: number;
  /** It ends after so many; null where only the reader ends it. */
  readonly count: number | null;
}

/** What there is in the agent. */
export interface Known {
  /** All that a record can get; empty where that is not known yet. */
  readonly labels: readonly string[];
  readonly inputs: readonly string[];
}

export type ReadRequest = { readonly request: TapRequest } | { readonly problem: string };

export const TAP_STAGES = ['rule', 'known', 'bert', 'llm', 'none'] as const satisfies readonly Stage[];
export const DEFAULT_RATE = 20;
export const MAX_RATE = 1000;
export const MAX_COUNT = 1_000_000_000;

const KEYS = ['label', 'level', 'stage', 'input', 'service', 'rate', 'count'];
const MAX_LABELS = 16;
const MAX_GLOB_CHARS = 100;
const LABEL_GLOB = /^[a-z0-9_.*?-]+$/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** Reads the query of `/tap`: the request, or in words why there is none. Only `label` may come more than once. */
export function readRequest(query: URLSearchParams, known: Known): ReadRequest {
  const problem = (words: string): ReadRequest => ({ problem: words });
  for (const key of new Set(query.keys())) {
    if (!KEYS.includes(key)) return problem(`there is no ${quoted(key)}; there are: ${KEYS.join(', ')}`);
    if (key !== 'label' && query.getAll(key).length > 1) return problem(`${key}: once only`);
  }
  const labels = query.getAll('label');
  if (labels.length > MAX_LABELS) return problem(`label: at most ${MAX_LABELS}`);
  for (const glob of labels) {
    if (glob.length > MAX_GLOB_CHARS || !LABEL_GLOB.test(glob))
      return problem(`label ${quoted(glob)}: a glob of lower-case letters, digits, _, -, ., * and ?, such as *.failure`);
    if (known.labels.length > 0 && !known.labels.some((label) => matchesGlob(glob, label)))
      return problem(`label ${quoted(glob)}: no label of this agent matches it; trilog top shows some of them`);
  }
  const level = oneOf(LEVELS, query.get('level'));
  if (level === undefined) return problem(`level ${quoted(query.get('level'))}: there are: ${LEVELS.join(', ')}`);
  const stage = oneOf(TAP_STAGES, query.get('stage'));
  if (stage === undefined) return problem(`stage ${quoted(query.get('stage'))}: there are: ${TAP_STAGES.join(', ')}`);
  const input = oneOf(known.inputs, query.get('input'));
  if (input === undefined) return problem(`input ${quoted(query.get('input'))}: this agent has: ${known.inputs.join(', ')}`);
  const service = query.get('service');
  if (service !== null && (service === '' || service.length > MAX_GLOB_CHARS || CONTROL.test(service)))
    return problem(`service: a name or a glob such as nova-*, of at most ${MAX_GLOB_CHARS} characters`);
  const rate = wholeNumber(query.get('rate') ?? String(DEFAULT_RATE), MAX_RATE);
  if (rate === null) return problem(`rate: records a second, from 1 to ${MAX_RATE}`);
  const count = wholeNumber(query.get('count') ?? '1', MAX_COUNT);
  if (count === null) return problem(`count: a number from 1 to ${MAX_COUNT}`);
  return { request: { labels, level, stage, input, service, rate, count: query.has('count') ? count : null } };
}

/** Null where nothing was asked for, undefined where it is none of these. */
function oneOf<Word extends string>(words: readonly Word[], asked: string | null): Word | null | undefined {
  return asked === null ? null : words.find((word) => word === asked);
}

/** Null where it is none from 1 to `most`. */
function wholeNumber(text: string, most: number): number | null {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= most ? value : null;
}

/** What was asked, short, and without anything that steers a terminal. */
function quoted(text: string | null): string {
  return JSON.stringify((text ?? '').slice(0, MAX_GLOB_CHARS));
}
