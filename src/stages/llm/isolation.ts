import { modelText } from '../template/model-text.js';

/** Longer than nearly all templates that a program writes by itself. */
const MOST_WORDS = 40;
/** So much of it may be words that no log of OpenStack has. */
const MOST_UNKNOWN = 0.25;

/**
 * Words that speak to whoever reads, or of what he does. Ordinary templates have some of them; those then cost a request of their own, which is cheap
 * beside a label that somebody else chose.
 */
const SPEAKING = new Set(
  (
    'above after all already always answer answers anything assistant assume before below category categories categorise categorize choose class classes classification ' +
    'classified classify confidence consider considered correct decode disregard dismiss do encode encoded end entries entry every everything examples follow following forget give hence henceforth human i ' +
    'ignore imagine important instead instruct instruction instructions json kind kindly label labelled labels line lines list log logs mark marked me message messages model must my neighbour neighbours ' +
    'never note nothing now obey one ones only operator order orders other others our output override please pretend previous print prior prompt prompts question read reader regard remaining remember repeat reply respond ' +
    'response rest return reveal role rule rules same say score shall should show similar sort sorted speak summarise summarize system tag task taxonomy tell template templates text these think this those treat ' +
    'unclassified user very we what whatever whoever word words write you your yours'
  ).split(' '),
);

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
  const unknown = words.filter((word) => word === '<word>').length;
  return unknown > 0 && unknown > MOST_UNKNOWN * words.length;
}
