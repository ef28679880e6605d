import { isObject } from '../record/json-object.js';
import { recordFromEcs } from '../record/profiles/ecs-reader.js';
import { harmless, pretty } from '../record/profiles/pretty.js';
import type { Source } from '../record/source.js';
import { number } from '../telemetry/page/quantities.js';
import type { TapNote } from '../telemetry/tap/note.js';

const SOURCE: Source = { id: 'tap', input: 'tap', name: '', program: '', host: '', timezone: 'Etc/UTC', format: 'auto' };

/** A record's document as a line for a person, without a line end. What it holds does not steer the terminal. */
export function recordText(document: object, color: boolean): string {
  const record = recordFromEcs(isObject(document) ? document : {}, SOURCE);
  // An agent's own labels are harmless, but whoever answers may be somebody else.
  record.label = harmless(record.label);
  return pretty(record, color);
}

/** The same JSON with what could steer a terminal as escapes of JSON; such characters stand within strings only. */
export function harmlessJson(json: string): string {
  return json.replace(/[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** What was seen of what passed. @param shown here; @param note the last that the agent said, null where it said nothing. */
export function summaryText(shown: number, note: TapNote | null): string {
  const records = `${number(shown)} ${shown === 1 ? 'record' : 'records'} shown`;
  if (note === null) return records;
  const { over_rate, slow_reader, too_large } = note.left_out;
  const leftOut = [
    over_rate > 0 ? `${number(over_rate)} over the rate` : '',
    slow_reader > 0 ? `${number(slow_reader)} because they were read too slowly` : '',
    too_large > 0 ? `${number(too_large)} too large` : '',
  ].filter((part) => part !== '');
  const asOf = note.end === null ? ', by the last count of the agent' : '';
  const matched = `${number(note.matched)} matched of ${number(note.passed)} that passed`;
  return `${records}; ${matched}; left out: ${leftOut.length === 0 ? 'none' : leftOut.join(', ')}${asOf}`;
}
