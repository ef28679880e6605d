import { harmless } from '../../record/profiles/pretty.js';

let make: (text: string) => Html;

/** A piece of a page: what {@link html} made, and nothing else. */
export class Html {
  static {
    make = (text) => new Html(text);
  }

  private constructor(readonly text: string) {}
}

export type Shown = string | number | Html | readonly Shown[];

/**
 * A piece of a page from a template literal: what is put in is text, or a piece already. There is no other way to make one, so all text of a page goes
 * through {@link escaped}. Only for places between tags and in attributes with double quotes.
 */
export function html(fixed: TemplateStringsArray, ...values: readonly Shown[]): Html {
  return make(fixed.reduce((page, part, i) => page + inPage(values[i - 1] ?? '') + part));
}

function inPage(value: Shown): string {
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(inPage).join('');
  return escaped(String(value));
}

const NAMES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };

/**
 * Text as text, in a page: characters that mean something in HTML by their names; those that steer a terminal or turn the direction of writing, so that
 * one could be taken for another, by their codes; half a character as what stands for none.
 */
export function escaped(text: string): string {
  return harmless(text.replaceAll(/\p{Surrogate}/gu, '\uFFFD')).replaceAll(/[&<>"'`]/g, (character) => NAMES[character] ?? '');
}
