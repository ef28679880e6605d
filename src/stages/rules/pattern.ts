import type RE2Type from 're2';
import { RE2JS } from 're2js';
import { findOptional } from '../../optional-package.js';
import { v8Linear } from './linear-subset.js';

/** A regular expression whose time grows linearly with the text, whatever the expression and whoever wrote the text. */
export interface LinearPattern {
  /** Whether it occurs anywhere in the text. */
  test(text: string): boolean;
  /** The named groups of the first occurrence, or null. Groups that took no part are absent. */
  groups(text: string): Record<string, string> | null;
  /** Where it occurs, in order, as beginnings and ends; occurrences of no length are none. */
  spans(text: string): (readonly [start: number, end: number])[];
}

/** Makes a pattern from RE2 syntax (https://github.com/google/re2/wiki/Syntax). @throws SyntaxError with the engine's words. */
export type PatternCompiler = (source: string) => LinearPattern;

/** RE2 itself, through the native package `re2`; null where that is not installed. */
export function nativeCompiler(): PatternCompiler | null {
  const RE2 = findOptional<typeof RE2Type>('re2');
  if (RE2 === null) return null;
  return (source) => {
    const pattern = new RE2(source, 'u');
    // Made when asked for: rules only test.
    let every: RE2Type | null = null;
    return {
      test: (text) => pattern.test(text),
      groups: (text) => {
        const groups = pattern.exec(text)?.groups;
        if (groups === undefined) return null;
        return Object.fromEntries(Object.entries(groups).filter((entry): entry is [string, string] => entry[1] !== undefined));
      },
      spans: (text) => {
        every ??= new RE2(source, 'gu');
        return [...text.matchAll(every)]
          .map((match) => [match.index, match.index + match[0].length] as const)
          .filter(([start, end]) => end > start);
      },
    };
  };
}

/** The same syntax and answers in JavaScript, for machines without a compiler: slower, as linear. */
export const portableCompiler: PatternCompiler = (source) => {
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(source);
  } catch (error) {
    throw new SyntaxError(error instanceof Error ? error.message : String(error));
  }
  const names = Object.keys(pattern.namedGroups());
  return {
    test: (text) => pattern.matcher(text).find(),
    groups: (text) => {
      const matcher = pattern.matcher(text);
      if (!matcher.find()) return null;
      const groups: Record<string, string> = {};
      for (const name of names) {
        const value = matcher.group(name);
        if (value !== null) groups[name] = value;
      }
      return groups;
    },
    spans: (text) => {
      const matcher = pattern.matcher(text);
      const spans: (readonly [number, number])[] = [];
      while (matcher.find()) if (matcher.end() > matcher.start()) spans.push([matcher.start(), matcher.end()]);
      return spans;
    },
  };
};

/** Names of an expression's groups. @throws SyntaxError */
export function groupNames(source: string): string[] {
  try {
    return Object.keys(RE2JS.compile(source).namedGroups());
  } catch (error) {
    throw new SyntaxError(error instanceof Error ? error.message : String(error));
  }
}

/** V8 where that is certain to be linear, else RE2 where it is installed, else its port to JavaScript. All give the same answers. */
export function linearCompiler(re2: PatternCompiler = nativeCompiler() ?? portableCompiler): PatternCompiler {
  return (source) => {
    // RE2 has the say on what is valid, and names groups.
    const pattern = re2(source);
    const fast = v8Linear(source);
    return fast === null ? pattern : { ...pattern, test: (text) => fast.test(text) };
  };
}
