import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrilogError } from '../../errors.js';
import { MODELS_DIR } from '../../paths.js';
import type { Taxonomy } from '../taxonomy.js';

/** The prompt that comes with trilog. */
export const SHIPPED_PROMPT = join(MODELS_DIR, 'llm', 'prompt.md');

/** A prompt is read by a model that is paid by its length. */
const MAX_PROMPT = 65_536;
const SECTIONS = /^---\nversion: (\d{1,6})\n---\n+## system\n([\s\S]*?)\n## user\n([\s\S]*)$/;
const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;
const KNOWN: Readonly<Record<'system' | 'user', readonly string[]>> = {
  system: ['labels'],
  user: ['examples', 'nonce', 'templates', 'ids'],
};
const NEEDED = ['templates', 'nonce'];

/** A template as the model sees it. */
export interface Shown {
  /** Short: `t1`. */
  readonly id: string;
  /** Level, logger and words: `ERROR nova.compute.manager: Instance failed to spawn`. */
  readonly text: string;
}

/** An example as the model sees it. */
export interface ShownExample {
  readonly text: string;
  readonly label: string;
}

/** What the model is told, with places for what it is asked. */
export class Prompt {
  private constructor(
    /** Names the prompt and the labels in it: answers to another are not taken for answers to this one. */
    readonly id: string,
    /** The same for every request, so that servers can keep what they made of it. */
    readonly system: string,
    private readonly user: string,
  ) {}

  /**
   * Reads a prompt file: front matter with `version`, then the sections `## system` and `## user`.
   * @throws TrilogError `PROMPT_INVALID` with what is wrong.
   */
  static load(file: string, taxonomy: Taxonomy): Prompt {
    const fail = (message: string, cause?: unknown): never => {
      throw new TrilogError('PROMPT_INVALID', `${file}: ${message}`, { cause });
    };
    let text = '';
    try {
      text = readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error), error);
    }
    if (text.length > MAX_PROMPT) fail(`it has ${text.length} characters; ${MAX_PROMPT} are the most`);
    const [, version = '', system = '', user = ''] =
      SECTIONS.exec(text) ?? fail('it needs a line "version: N" between two of "---", then "## system" and "## user"');
    const places = { system: placesOf(system), user: placesOf(user) };
    for (const section of ['system', 'user'] as const) {
      const unknown = places[section].filter((name) => !KNOWN[section].includes(name));
      if (unknown.length > 0) fail(`## ${section} has no {{${unknown.join('}}, {{')}}}; there are {{${KNOWN[section].join('}}, {{')}}}`);
    }
    const missing = [...NEEDED.filter((name) => !places.user.includes(name)), ...(places.system.includes('labels') ? [] : ['labels'])];
    if (missing.length > 0) fail(`it has no {{${missing.join('}}, {{')}}}`);
    const labels = [...taxonomy.labels.values()].map(({ label, summary }) => `- ${label}: ${summary}`).join('\n');
    const filled = fill(system, { labels }).trim();
    const hash = createHash('sha256').update(`${filled}\n${user}`).digest('hex').slice(0, 12);
    return new Prompt(`prompt${version}-${hash}`, filled, user);
  }

  /** The message of one request. @param nonce stands before and behind the templates; nobody who writes a log can know it. */
  ask(templates: readonly Shown[], examples: readonly ShownExample[], nonce: string): string {
    const known = examples.map(({ text, label }) => `${text} → ${label}`).join('\n');
    return fill(this.user, {
      examples: known === '' ? '' : `Templates whose labels are known:\n${known}\n\n`,
      nonce,
      templates: templates.map(({ id, text }) => `${id}: ${text}`).join('\n'),
      ids: templates.map(({ id }) => id).join(', '),
    }).trim();
  }
}

function placesOf(section: string): string[] {
  return [...section.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
}

/** In one pass: what a value holds is not filled again. */
function fill(section: string, values: Readonly<Record<string, string>>): string {
  return section.replace(PLACEHOLDER, (_, name: string) => values[name] ?? '');
}
