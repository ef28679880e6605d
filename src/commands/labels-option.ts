import { hostname } from 'node:os';
import type { Argv } from 'yargs';
import type { Labelled } from '../labels/labelled.js';
import { parseLabels } from '../labels/parse-labels.js';
import type { Taxonomy } from '../stages/taxonomy.js';
import { readText } from './reading.js';
import { requireTimezone } from './record-command.js';

export interface LabelsArguments {
  labels: string;
  timezone: string;
}

export function labelsOption<T>(yargs: Argv<T>) {
  return yargs
    .option('labels', {
      type: 'string',
      demandOption: true,
      requiresArg: true,
      describe:
        'labelled records as NDJSON or CSV: logger, level and message, or a raw line, or a result of trilog; and label, perhaps alt',
    })
    .option('timezone', { type: 'string', default: 'Etc/UTC', describe: 'IANA zone of timestamps that name none' })
    .check(({ timezone }) => requireTimezone(timezone));
}

/** @throws TrilogError `LABELS_INVALID` with what is wrong; `INPUT_UNREADABLE` or `INPUT_DAMAGED` where the file cannot be read. */
export async function readLabels({ labels, timezone }: LabelsArguments, taxonomy: Taxonomy): Promise<Labelled[]> {
  const text = await readText(labels);
  const name = labels === '-' ? 'stdin' : labels;
  return parseLabels(text, { id: 'labels', input: 'command', name, program: '', host: hostname(), timezone, format: 'auto' }, taxonomy);
}
