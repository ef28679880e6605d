import { CORE_SCHEMA, load } from 'js-yaml';
import { type Document, isAlias, isMap, isNode, isPair, isScalar, LineCounter, type Node, type Pair, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { foundAt } from './found.js';

/** One thing wrong in a YAML file, where a person can find it. Lines and columns count from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The key's path, such as `inputs.openstack.include[0]`; empty for the whole document. */
  readonly path: string;
  readonly message: string;
}

/** `file:line:column: path: message`, as compilers print it. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, path, message } = problem;
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}

type Path = readonly PropertyKey[];

/** What may define an anchor. Only an alias to one can make a small text stand for a large value. */
const ANCHOR = /(?:^|\s)&\S/m;

/**
 * A YAML document whose parts know their place in the file.
 *
 * Values come from `js-yaml`, which reads the pack of rules in 81 ms instead of 353; places, and whatever is unusual or wrong, from `yaml`.
 */
export class YamlFile {
  readonly #lines = new LineCounter();
  readonly #text: string;
  #parsed: Document.Parsed | null = null;

  constructor(
    readonly name: string,
    text: string,
  ) {
    this.#text = text;
    const quick = quickValue(text);
    if (quick !== undefined) {
      this.syntaxProblems = [];
      this.value = quick;
      return;
    }
    this.syntaxProblems = this.#document.errors.map((error) => this.#at(error.pos[0], '', error.message));
    if (this.syntaxProblems.length === 0) this.syntaxProblems = this.#aliasProblems();
    if (this.syntaxProblems.length > 0) return;
    try {
      this.value = this.#document.toJS();
    } catch (error) {
      // What remains are aliases that together expand beyond reason.
      this.syntaxProblems = [this.#at(this.#firstAlias(), '', error instanceof Error ? error.message : String(error))];
    }
  }

  /** Errors of syntax, and of aliases that expand beyond reason. */
  readonly syntaxProblems: readonly Problem[];
  /** The document as plain values; undefined where there is a syntax problem. */
  readonly value: unknown;

  get #document(): Document.Parsed {
    this.#parsed ??= parseDocument(this.#text, { lineCounter: this.#lines, uniqueKeys: true, prettyErrors: false });
    return this.#parsed;
  }

  /** A problem at the value (or, with `key`, at the key) that the path leads to, or at its nearest parent that exists. */
  problem(path: Path, message: string, key?: string): Problem {
    return this.#at(this.#offset(key === undefined ? path : [...path, key], key !== undefined), formatPath(path), message);
  }

  /** Every issue of a zod error as a problem, with what was found; unions give the branch that came furthest. */
  problems(error: z.ZodError, base: Path = []): Problem[] {
    return flatten(error.issues, base).map(({ path, message, key }) => {
      // As it is in the file: what the environment holds may be a secret.
      const found = key === undefined ? foundAt(this.value, path) : null;
      return this.problem(path, found === null ? message : `${message}, found ${found}`, key);
    });
  }

  /** Aliases of what was not named before, and of what they are in: the value of such a one would have no end. */
  #aliasProblems(): Problem[] {
    const problems: Problem[] = [];
    const anchors = new Map<string, Node>();
    visit(this.#document, (_, node, parents) => {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target === undefined)
          problems.push(this.#at(start(node) ?? 0, '', `the alias *${node.source} has no anchor &${node.source} before it`));
        else if (parents.includes(target))
          problems.push(this.#at(start(node) ?? 0, '', `the alias *${node.source} is inside what it stands for`));
      } else if (isNode(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
    });
    return problems;
  }

  #firstAlias(): number {
    let offset: number | undefined;
    visit(this.#document, {
      Alias: (_, node) => {
        offset = start(node);
        return visit.BREAK;
      },
    });
    return offset ?? 0;
  }

  #offset(path: Path, wantKey: boolean): number {
    let node: unknown = this.#document.contents;
    let offset = 0;
    for (const [depth, step] of path.entries()) {
      if (isMap(node)) {
        const pair: Pair | undefined = node.items.find(
          (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
        );
        if (pair === undefined) break;
        offset = start(pair.key) ?? offset;
        if (wantKey && depth === path.length - 1) break;
        offset = start(pair.value) ?? offset;
        node = pair.value;
      } else if (node !== null && typeof node === 'object' && 'items' in node && Array.isArray(node.items)) {
        node = node.items[Number(step)];
        offset = start(node) ?? offset;
      } else break;
    }
    return offset;
  }

  #at(offset: number, path: string, message: string): Problem {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.name, line: Math.max(1, line), column: Math.max(1, col), path, message };
  }
}

/** The value of a text that is valid and has no aliases; else undefined. */
function quickValue(text: string): unknown {
  if (ANCHOR.test(text)) return undefined;
  try {
    return load(text, { schema: CORE_SCHEMA });
  } catch {
    return undefined;
  }
}

function start(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}

/** `a.b[0].c` */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) text += typeof step === 'number' ? `[${step}]` : text === '' ? String(step) : `.${String(step)}`;
  return text;
}

interface FlatIssue {
  readonly path: Path;
  readonly message: string;
  readonly key?: string;
}

function flatten(issues: readonly z.core.$ZodIssue[], base: Path): FlatIssue[] {
  return issues.flatMap((issue): FlatIssue[] => {
    const path = [...base, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path, key, message: `unknown key "${key}"` }));
    }
    if (issue.code === 'invalid_key') {
      const key = String(path.at(-1));
      return [{ path: path.slice(0, -1), key, message: `wrong key ${JSON.stringify(key)}: ${issue.issues[0]?.message ?? issue.message}` }];
    }
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      const furthest = issue.errors.reduce((best, branch) => (depth(branch) > depth(best) ? branch : best));
      if (depth(furthest) > 0) return flatten(furthest, path);
      return [{ path, message: issue.errors.map((branch) => branch[0]?.message ?? '').join('; or ') }];
    }
    return [{ path, message: issue.message }];
  });
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0)));
}
