import { DECODER_NAMES, Decoder } from '../../src/record/decode.js';
import type { Source } from '../../src/record/source.js';

/** Whether a line begins a record of a known form, for lines of these sources. A line of a traceback does not. */
export function headTest(base: Pick<Source, 'format' | 'timezone' | 'input'>): (line: string) => boolean {
  const format = DECODER_NAMES.includes(base.format) ? base.format : 'auto';
  const decoder = new Decoder({ ...base, format, id: '', name: '', program: '', host: '' });
  return (line) => decoder.decode(line, 0) !== null && !decoder.traceback;
}
