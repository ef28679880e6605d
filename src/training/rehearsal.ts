import { labelledExamples } from '../stages/rules/labelled-examples.js';
import { loadRules, packFile } from '../stages/rules/load.js';
import { loadTaxonomy } from '../stages/taxonomy.js';

/**
 * Texts of all kinds, each once: the examples of the rules that come with trilog. Who teaches a model a few labels says nothing of the others, and
 * without texts of theirs the new layer would take them for what it was taught (Li and Hoiem 2016, "Learning without Forgetting").
 */
export function rehearsalTexts(): string[] {
  return labelledExamples(loadRules([packFile('openstack')], loadTaxonomy())).map(({ text }) => text);
}
