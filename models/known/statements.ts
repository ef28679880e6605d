import type { LabelledStatement } from '../../src/stages/known/compile.js';
import { patternOf, placeholdersOf } from '../../src/stages/known/template.js';

/** A row of `labels/statements.jsonl`. */
export interface StatementRow {
  readonly project: string;
  readonly logger: string;
  readonly level: string;
  readonly template: string;
  readonly label: string;
  readonly alt: string | null;
}

/** Words that name neither an object nor an operation nor a cause (TAXONOMY, rule 3). */
const VAGUE = new Set(
  (
    'a an and any as at by cause caught code could details due during error errors exception exceptions fail failed failing failure fault for from got has ' +
    'have http in internal is it its message msg not of on or problem raised reason received return returned returning task tb the there this thrown to ' +
    'traceback type unable callback unexpected unhandled unknown value was were while with after before when handling e ex exc err s raising occurred encountered calling task tasks command cmd exit stdin stdout stderr'
  ).split(' '),
);
/** Labels that mean "nobody said what failed": a value that is printed may say it. */
const UNSAID = new Set(['service.internal_error', 'api.server_error', 'other']);
/** Values that decide by themselves what happened, where few other words say it. */
const DECIDES =
  /(?:^|[._])(?:status|status_code|state|code|action|operation|op|method|event|event_type|result|resp|response|what|callback)$/i;
/** Below this many literal words such a value outweighs them. */
const OUTWEIGHS = 4;
/** DEBUG statements tell of inner workings, and their labels are weak: only those that say much are kept. */
const MIN_DEBUG_WORDS = 2;

/** Whether what a placeholder holds may decide the label, so that the statement alone must not. */
export function isDecidedByValue(row: Pick<StatementRow, 'template' | 'label'>): boolean {
  const placeholders = placeholdersOf(row.template);
  if (placeholders.length === 0) return false;
  const words = patternOf(row.template).runs.flat();
  if (UNSAID.has(row.label)) return true;
  if (words.every((word) => VAGUE.has(word.toLowerCase()))) return true;
  // Access lines, by whatever server: the status tells api.request from auth.failure and the errors.
  if (row.label.startsWith('api.') && /\bstatus\b|\bHTTP %|status_?code/i.test(row.template)) return true;
  return words.length < OUTWEIGHS && placeholders.some((name) => DECIDES.test(name));
}

/** What of the labelled statements goes into the store; those that must not answer go in without a label and hide vaguer ones. */
export function selectStatements(rows: readonly StatementRow[]): LabelledStatement[] {
  return rows.map((row) => {
    const words = patternOf(row.template).runs.flat().length;
    const silent = isDecidedByValue(row) || (row.level === 'DEBUG' && words < MIN_DEBUG_WORDS);
    return { logger: row.logger, template: row.template, label: silent ? null : row.label, second: silent ? null : row.alt };
  });
}
