import { createInterface } from 'node:readline';
import { modelText } from '../../src/stages/template/model-text.js';
import { templateOf } from '../../src/stages/template/template.js';

/** One line of the input. */
interface Statement {
  readonly logger: string;
  readonly level: string;
  readonly message: string;
  readonly errorType?: string;
  readonly errorMessage?: string;
}

// The Python side has no masking of its own: it asks this program, which writes one line, the model's text as JSON, for every line that it reads.
let out = '';
for await (const line of createInterface({ input: process.stdin })) {
  const { logger, level, message, errorType, errorMessage } = JSON.parse(line) as Statement;
  const error = errorType ? { type: errorType, message: errorMessage ?? '' } : null;
  out += `${JSON.stringify(modelText(logger, level, templateOf({ message, error })))}\n`;
  if (out.length < 65_536) continue;
  process.stdout.write(out);
  out = '';
}
process.stdout.write(out);
