import { modelText } from '../template/model-text.js';

/** Longer than nearly all templates that a program writes by itself. */
const MOST_WORDS = 40;
/** So much of it may be words that no log of OpenStack has. */
const MOST_UNKNOWN = 0.25;

/**
 * Words that speak to whoever reads, or of what he does. Ordinary templates seldom have one; those cost a request of their own, which is cheap beside a label
 * that somebody else chose.
 */
const SPEAKING = new Set(
  (
    'above always answer answers anything assistant assume below categories categorise categorize category choose classes classification ' +
    'classified classify confidence consider considered correct decode dismiss disregard encode encoded every everything examples ' +
    'follow following forget give hence henceforth human ignore imagine important instead instruct instruction instructions kind kindly ' +
    'label labelled labels marked me model my neighbour neighbours never note nothing obey ones operator order orders other others our ' +
    'override please pretend previous print prior prompt prompts question reader regard remaining remember repeat reply respond rest ' +
    'reveal role say score shall should similar sort sorted speak summarise summarize tag taxonomy tell template templates these think ' +
    'those treat unclassified very we what whatever whoever word words write you your yours'
  ).split(' '),
);

/** Words of the same kind that ordinary templates have, too: two of them make a template go alone. */
const COMMON = new Set(
  (
    'after all already before class do done end entries entry i it json line lines list log logs mark message messages must now one only ' +
    'output read request response return rule rules same show system task text this user'
  ).split(' '),
);

/** So many words of one letter are a word that was taken apart. */
const SPELLED = 3;

/** Marks that build structures, in which an answer could be imitated. */
const STRUCTURE = /[{}`|\\]|"[^"]*"\s*:|\bt\d+\b|->|=>|→/;
const LABEL = /\b[a-z_]+\.[a-z_]+\b/g;

/**
 * Whether a template must not share a request with others: somebody may have written it who wants to decide about those. Everything that is not the plain
 * statement of a program goes alone.
 *
 * @param template as it is remembered, with its logger. @param shown what the model sees of that, without the level. @param isLabel of the taxonomy.
 */
export function goesAlone(template: string, shown: string, isLabel: (word: string) => boolean): boolean {
  if (/[^\x20-\x7e]/.test(template)) return true;
  if (STRUCTURE.test(template) || [...template.matchAll(LABEL)].some(([word]) => isLabel(word))) return true;
  // Names are taken apart: an exception may be called `IgnoreAllOthersError`.
  const words = modelText('', '', shown).match(/<?[a-z]+>?/g) ?? [];
  if (words.length > MOST_WORDS || words.some((word) => SPEAKING.has(word))) return true;
  if (words.filter((word) => word.length === 1).length >= SPELLED) return true;
  if (new Set(words.filter((word) => COMMON.has(word))).size > 1) return true;
  const unknown = words.filter((word) => word === '<word>').length;
  return unknown > 0 && unknown > MOST_UNKNOWN * words.length;
}
