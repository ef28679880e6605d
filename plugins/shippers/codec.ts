import { isAscii, isUtf8 } from 'node:buffer';
import { cutAt } from '../../src/record/lines.js';
import { type Enclosed, openEnvelope } from './envelope.js';

/** How values become lines: `auto` takes shippers' wrappings off and tells one record of several lines from several records, `lines` splits at each newline. */
export type CodecName = 'auto' | 'lines';

/** What a value holds. The texts are lines, or records with newlines in them. */
export interface Decoded {
  readonly pieces: readonly Enclosed[];
  /** The value was longer than allowed. */
  readonly cut: boolean;
  /** The value is no UTF-8; what is not became U+FFFD. */
  readonly damaged: boolean;
}

/** As many places as an offset has for the lines of one message; what is beyond stays in the last. */
export const MOST_PIECES = 4096;

/**
 * The lines in a message's value, at least one. Never throws, whatever the bytes are.
 * @param isHead whether a line begins a record of a known form
 */
export function decodeValue(value: Buffer, codec: CodecName, maxBytes: number, isHead: (line: string) => boolean): Decoded {
  const cut = value.length > maxBytes;
  const bytes = cut ? value.subarray(0, cutAt(value, 0, maxBytes)) : value;
  const ascii = isAscii(bytes);
  const text = ascii ? bytes.toString('latin1') : bytes.toString('utf8');
  const damaged = !ascii && !isUtf8(bytes);
  if (codec === 'lines') return { pieces: split(text, () => true).map(plain), cut, damaged };
  const wrapped = text.charCodeAt(0) === 123 && !cut ? openEnvelope(text) : null;
  if (wrapped !== null && wrapped.length > 1) return { pieces: wrapped, cut, damaged };
  return { pieces: piecesOf(wrapped?.[0] ?? plain(text), isHead), cut, damaged };
}

/** One text as the records in it: it is taken apart where a line begins a record of a known form. At least one. */
export function piecesOf(one: Enclosed, isHead: (line: string) => boolean): readonly Enclosed[] {
  if (!one.text.includes('\n')) return [{ ...one, text: withoutReturn(one.text) }];
  return split(one.text, isHead).map((piece) => ({ ...one, text: piece }));
}

/** A text at its newlines, where the next line begins a record. */
function split(text: string, isHead: (line: string) => boolean): string[] {
  const lines = text.split('\n').map(withoutReturn);
  if (lines.length > 1 && lines.at(-1) === '') lines.pop();
  const pieces: string[] = [];
  let begun: string[] = [];
  for (const line of lines) {
    if (begun.length > 0 && pieces.length < MOST_PIECES - 1 && isHead(line)) {
      pieces.push(begun.join('\n'));
      begun = [];
    }
    begun.push(line);
  }
  pieces.push(begun.join('\n'));
  return pieces;
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** A text that nothing more is known of. */
export function plain(text: string): Enclosed {
  return { text, host: '', program: '', path: '', time: Number.NaN, fields: null };
}
