import { BETWEEN, type Certainty, CHANGED, isListName, isPersonName, isScheme, saysOfSecret, secretName } from './secret-names.js';
import type { Token } from './tokens.js';

/** How many tokens may stand between the name of a secret and its value. */
const REACH = 12;
/** What the head of a PEM block (RFC 7468) says that it holds. */
const PEM_KIND = /^(?:KEY|CERTIFICATE|REQUEST|CRL|PKCS7|CMS|PARAMETERS|MESSAGE|SIGNATURE|BLOCK)$/;

/** A value that must not leave: the first token of it, and the one after its last. */
export interface Value {
  readonly from: number;
  readonly to: number;
  readonly placeholder: '<secret>' | '<word>';
}

/**
 * The value that the word at `at` names, or null where it names none or none follows.
 * @param before the word before it as it was written, or empty.
 */
export function secretValue(tokens: readonly Token[], at: number, before: string): Value | null {
  const name = tokens[at]?.text ?? '';
  if (name === 'BEGIN') return pemBlock(tokens, at);
  const certainty = secretName(name, before);
  if (certainty !== null) return valueBehind(tokens, at, certainty, '<secret>');
  return isPersonName(name) ? valueBehind(tokens, at, 'likely', '<word>') : null;
}

/** What stands between the head of a PEM block and its end, or to the end of the text. */
function pemBlock(tokens: readonly Token[], begin: number): Value | null {
  for (let j = begin + 1; j < tokens.length && j <= begin + REACH; j++) {
    if (!PEM_KIND.test(tokens[j]?.text ?? '')) continue;
    let from = j + 1;
    while (from < tokens.length && !isContent(tokens, from)) from++;
    let to = from;
    for (let p = from; p < tokens.length && tokens[p]?.text !== 'END'; p++) if (isContent(tokens, p)) to = p + 1;
    return to > from ? { from, to, placeholder: '<secret>' } : null;
  }
  return null;
}

function isContent(tokens: readonly Token[], at: number): boolean {
  const kind = tokens[at]?.kind;
  return kind === 'word' || kind === 'placeholder';
}

/** The first word behind the name that says nothing of it, with what belongs to it; null where something else than a value follows. */
function valueBehind(tokens: readonly Token[], at: number, certainty: Certainty, placeholder: Value['placeholder']): Value | null {
  if (certainty === 'flag' && (tokens[at + 1]?.kind !== 'blank' || tokens[at + 2]?.kind !== 'word')) return null;
  const isList = isListName(tokens[at]?.text ?? '');
  let behindMark = false;
  for (let j = at + 1; j <= at + REACH; j++) {
    const token = tokens[j];
    if (token === undefined) return null;
    const { kind, text } = token;
    if (kind === 'blank' || kind === 'odd') continue;
    if (kind === 'placeholder') return null;
    if (kind === 'mark') {
      const isQuote = text === "'" || text === '"';
      if (text === '=' || text === ':') behindMark = true;
      // The quote right behind the name is the name's own.
      else if (isQuote && j > at + 1) return behindMark || certainty === 'certain' ? quoted(tokens, j, placeholder) : null;
      else if (!behindMark && !isQuote && !'([{'.includes(text) && !isArrow(tokens, j)) return null;
      continue;
    }
    const lower = text.toLowerCase();
    if (BETWEEN.has(lower)) continue;
    const to = nextWord(tokens, j);
    if (CHANGED.has(lower) && tokens[to]?.text.toLowerCase() === 'to') {
      j = to;
      continue;
    }
    if (saysOfSecret(text, behindMark) && !(isList && tokens[j + 1]?.text === '=')) return null;
    // `credential secret hunter`: the nearer name tells.
    if (!behindMark && secretName(text, '') === 'certain') return null;
    if (!behindMark && (certainty === 'likely' || /^\d+$/.test(text))) return null;
    // `session: 503`: a status says what happened.
    if (certainty === 'likely' && /^[1-5]\d\d$/.test(text)) return null;
    return { from: j, to: valueEnd(tokens, j, isList), placeholder };
  }
  return null;
}

/** `->`, of which only the dash leaves. */
function isArrow(tokens: readonly Token[], at: number): boolean {
  return tokens[at]?.text === '-' && tokens[at + 1]?.text === '>';
}

/** What stands between the quote at `open` and the next one like it, or all where there is none. */
function quoted(tokens: readonly Token[], open: number, placeholder: Value['placeholder']): Value | null {
  const close = quoteEnd(tokens, open + 1, tokens[open]?.text ?? '');
  for (let j = open + 1; j < close; j++) if (tokens[j]?.kind === 'word') return { from: open + 1, to: close, placeholder };
  return null;
}

/** Where a value without quotes ends that begins at `from`: at a blank, but for the marks before it. */
function valueEnd(tokens: readonly Token[], from: number, isList: boolean): number {
  let end = gluedEnd(tokens, from);
  if (isScheme(tokens[from]?.text ?? '')) end = gluedEnd(tokens, nextWord(tokens, end - 1));
  // `; b=2` behind a cookie, `, response=…` behind an authorization.
  while (isList && /^[,;]$/.test(tokens[end]?.text ?? '')) {
    const next = nextWord(tokens, end);
    if (next !== end + 2 || tokens[next + 1]?.text !== '=') break;
    end = gluedEnd(tokens, next);
  }
  return Math.max(end, from + 1);
}

/** The index behind the last word or placeholder before the next blank. An escaped quote is inside of quotes: the value goes on to their end. */
export function gluedEnd(tokens: readonly Token[], from: number): number {
  let end = from;
  for (let j = from; j < tokens.length && tokens[j]?.kind !== 'blank'; j++) {
    if (isContent(tokens, j)) end = j + 1;
    const quote = tokens[j]?.text === '\\' ? tokens[j + 1]?.text : undefined;
    if (quote !== '"' && quote !== "'") continue;
    end = quoteEnd(tokens, j + 2, quote);
    j = end - 1;
  }
  return end;
}

/** Where the next quote stands from `from` on that is not escaped, or the end. */
function quoteEnd(tokens: readonly Token[], from: number, quote: string): number {
  let close = from;
  while (close < tokens.length && (tokens[close]?.text !== quote || tokens[close - 1]?.text === '\\')) close++;
  return close;
}

/** The token behind the blank behind `at`. */
function nextWord(tokens: readonly Token[], at: number): number {
  return tokens[at + 1]?.kind === 'blank' ? at + 2 : at + 1;
}
