/** What an expression of PromQL asks for, as far as the examples use the language. */
export interface Asked {
  readonly metrics: readonly { readonly name: string; readonly labels: readonly string[] }[];
  /** Labels by which something is grouped or matched. */
  readonly grouped: readonly string[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const GROUPING = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;
const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset']);

/** Whatever stands where a metric can stand, is one: a function has a bracket behind it. */
export function askedBy(expression: string): Asked {
  const plain = expression.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  const grouped = [...plain.matchAll(GROUPING)].flatMap(([, list = '']) => namesIn(list));
  const rest = plain.replaceAll(GROUPING, ' ').replaceAll(/\[[^\]]*\]/g, ' ');
  const metrics = [...rest.matchAll(new RegExp(`(${NAME})\\s*(\\{[^}]*\\})?(\\s*\\()?`, 'g'))].flatMap(
    ([, name = '', matchers = '', bracket]) =>
      bracket !== undefined || WORDS.has(name) || !isAlone(name) ? [] : [{ name, labels: namesIn(matchers) }],
  );
  return { metrics, grouped };
}

/** An aggregation whose grouping was taken out stands alone, too. */
function isAlone(name: string): boolean {
  return !['sum', 'max', 'min', 'avg', 'count', 'topk'].includes(name);
}

function namesIn(list: string): string[] {
  return [...list.matchAll(new RegExp(NAME, 'g'))].map(([name]) => name);
}
