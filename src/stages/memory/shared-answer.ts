import { z } from 'zod';
import type { TableRow } from '../../plugin/shared-table.js';
import type { Guess } from '../bert/softmax.js';

/** Of the form of a row's value. A later one that readers of this cannot make sense of has another. */
const VERSION = 1;
/** A longer value is none of ours, in bytes. */
const MAX_VALUE = 2048;
/** As `templateId` makes them. */
const TEMPLATE_ID = /^[0-9a-f]{32}$/;

const versionSchema = z.object({ v: z.unknown() });

/** What else a value has is left aside: versions that only add something stay 1. */
const valueSchema = z.object({
  stage: z.literal('llm'),
  /** Which language model answered, and to which prompt and labels: the id of the stage. */
  model: z.string(),
  label: z.string(),
  confidence: z.number().min(0).max(1),
});

/** Why a row is left aside; few words, so that they can be counted by. */
export type Ignored = 'key' | 'too_long' | 'no_json' | 'version' | 'form' | 'model' | 'label';

/** What a row says. */
export type Heard =
  | { readonly kind: 'answer'; readonly id: string; readonly guess: Guess }
  | { readonly kind: 'forget'; readonly id: string }
  | { readonly kind: 'ignored'; readonly reason: Ignored };

/** What the rows must fit to be answers here. */
export interface Fitting {
  readonly model: string;
  /** The label as this agent has it; null where it has none of that name. */
  labelOf(label: string): string | null;
}

/** A row's value. Nothing of the template is in it: its id is the key. */
export function rowValue(model: string, { label, confidence }: Guess): string {
  return JSON.stringify({ v: VERSION, stage: 'llm', model, label, confidence });
}

/** What a row says to this agent, which anybody may have written. Never throws. */
export function readRow({ key, value }: Pick<TableRow, 'key' | 'value'>, { model, labelOf }: Fitting): Heard {
  if (!TEMPLATE_ID.test(key)) return ignored('key');
  if (value === null) return { kind: 'forget', id: key };
  if (value.length > MAX_VALUE) return ignored('too_long');
  const json = parsed(value.toString('utf8'));
  if (json === undefined) return ignored('no_json');
  const version = versionSchema.safeParse(json);
  if (!version.success || version.data.v === undefined) return ignored('form');
  if (version.data.v !== VERSION) return ignored('version');
  const answer = valueSchema.safeParse(json);
  if (!answer.success) return ignored('form');
  if (answer.data.model !== model) return ignored('model');
  const label = labelOf(answer.data.label);
  return label === null ? ignored('label') : { kind: 'answer', id: key, guess: { label, confidence: answer.data.confidence } };
}

function ignored(reason: Ignored): Heard {
  return { kind: 'ignored', reason };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
