import picomatch from 'picomatch';
import { detached } from '../../../src/record/detached.js';
import { serviceName } from '../../../src/record/profiles/ecs-fragments.js';
import type { LogRecord } from '../../../src/record/record.js';

const PLACEHOLDERS = ['service', 'host', 'label', 'level'] as const;
type Placeholder = (typeof PLACEHOLDERS)[number];

/** What may stand for a placeholder, as globs. */
export type TagValues = Readonly<Partial<Record<Exclude<Placeholder, 'level'>, readonly string[] | undefined>>>;

const OTHER = 'other';
/** What a part of a tag may be made of, whatever the globs say: receivers route by it, and make names of it. */
const PLAIN = /^[A-Za-z0-9_.-]{1,128}$/;
/** Past this many remembered answers they are dropped: names come from log text. */
const MAX_REMEMBERED = 4096;

/** What is wrong with a template, or null. */
export function tagProblem(template: string, values: TagValues): string | null {
  const unknown = [...template.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name ?? '').find((name) => !isPlaceholder(name));
  if (unknown !== undefined) return `tag: {${unknown}} is none of ${PLACEHOLDERS.map((name) => `{${name}}`).join(', ')}`;
  const rest = template.replaceAll(/\{[^}]*\}/g, 'x');
  if (!/^[A-Za-z0-9_.-]+$/.test(rest)) return 'tag: only letters, digits, `_`, `.`, `-` and placeholders';
  for (const name of ['service', 'host'] as const)
    if (template.includes(`{${name}}`) && values[name] === undefined)
      return `tag_values: list what {${name}} may be, since log lines name it: \`${name}: ["nova-*"]\``;
  return null;
}

/** The tag of a record: a text of the configuration in which only what that allows was put in. */
export function tagBy(template: string, values: TagValues): (record: LogRecord) => string {
  const parts = template.split(/\{([^}]*)\}/).map((part, i) => (i % 2 === 1 && isPlaceholder(part) ? textFor(part, values) : part));
  const [only] = parts;
  if (parts.length === 1 && typeof only === 'string') return () => only;
  return (record) => parts.map((part) => (typeof part === 'string' ? part : part(record))).join('');
}

function textFor(name: Placeholder, values: TagValues): (record: LogRecord) => string {
  if (name === 'level') return ({ level }) => (level === '' ? 'none' : level.toLowerCase());
  const allowed = picomatch([...(values[name] ?? (name === 'label' ? ['*'] : []))], { dot: true });
  const remembered = new Map<string, string>();
  const textOf = name === 'service' ? serviceName : name === 'host' ? ({ host }: LogRecord) => host : ({ label }: LogRecord) => label;
  return (record) => {
    const text = textOf(record);
    let answer = remembered.get(text);
    if (answer === undefined) {
      const own = detached(text);
      answer = PLAIN.test(own) && allowed(own) ? own : OTHER;
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      if (own.length <= 128) remembered.set(own, answer);
    }
    return answer;
  };
}

function isPlaceholder(name: string): name is Placeholder {
  return (PLACEHOLDERS as readonly string[]).includes(name);
}
