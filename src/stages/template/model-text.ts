import { bitsOf, DIGIT, LETTER, LOWER, UPPER, WORD } from './characters.js';

/** The longest text that a tokenizer is given, in characters. */
export const MAX_MODEL_TEXT = 480;

/** Logger as words: the project and the last two parts, which say the component; empty for none. */
function loggerWords(logger: string): string {
  if (logger === '') return '';
  const parts = logger.slice(0, 200).split('.');
  const kept = parts.length > 3 ? [parts[0] ?? '', ...parts.slice(-2)] : parts;
  return words(kept.join(' '), 80);
}

/** A text as plain lower-case words: names are split where their case changes and at `_`, `-` and `.`; of the marks only the colon stays. */
function words(text: string, limit: number): string {
  let out = '';
  let from = 0;
  let p = 0;
  let before = 0;
  while (p < text.length && out.length < limit) {
    const code = text.charCodeAt(p);
    const bits = bitsOf(code);
    const letter = (bits & (LETTER | DIGIT)) !== 0 || code >= 128 || code === 39;
    if (letter) {
      // `PortBinding`, `HTTPError`: a new word begins at a capital after a small letter, and at the last capital of several before a small one;
      // `iSCSI`, `vSwitch` and `IPv6` stay whole.
      const isHump =
        (bits & UPPER) !== 0 &&
        p > from + 1 &&
        ((before & LOWER) !== 0 || ((before & UPPER) !== 0 && (bitsOf(text.charCodeAt(p + 1)) & LOWER) !== 0));
      if (isHump) {
        out += `${text.slice(from, p)} `;
        from = p;
      }
      before = bits;
      p++;
      continue;
    }
    if (p > from) out += `${text.slice(from, p)} `;
    if (code === 60) {
      const close = text.indexOf('>', p);
      if (close > 0 && close - p < 9) {
        out += `${text.slice(p, close + 1)} `;
        p = close;
      }
    } else if (code === 58 && (bits & WORD) === 0) out += ': ';
    p++;
    from = p;
    before = 0;
  }
  if (p > from) out += text.slice(from, p);
  return out.slice(0, limit).trimEnd().toLowerCase();
}

/**
 * What the tokenizer is given for a template: `error nova compute manager | instance failed to spawn : port binding failed : …`. Level, where it
 * was said, what was said. A template must hold all that this text is made of besides logger and level, since answers are remembered by it.
 */
export function modelText(logger: string, level: string, template: string): string {
  const where = loggerWords(logger);
  const head = level === '' ? where : where === '' ? level.toLowerCase() : `${level.toLowerCase()} ${where}`;
  const said = words(template, MAX_MODEL_TEXT - 100);
  return head === '' ? said : `${head} | ${said}`;
}
