import type { LabelSets } from '../../plugins/outputs/search/setup/panels.js';
import type { Label, Taxonomy } from '../stages/taxonomy.js';

/** What the dashboard's panels need to know of a taxonomy. */
export function labelSetsOf(taxonomy: Taxonomy): LabelSets {
  const labels = [...taxonomy.labels.values()];
  return { labels: labels.map(({ label }) => label), problems: labels.filter(isProblem).map(({ label }) => label) };
}

/** A failure at any level. Requests that an API refused are the callers' own: they would be most of what is listed, and say nothing of the cloud. */
function isProblem({ events }: Label): boolean {
  const event = events.get('INFO');
  if (event === undefined || event.outcome !== 'failure') return false;
  return !(event.category.includes('api') && event.type.includes('denied'));
}
