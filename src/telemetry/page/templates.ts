import type { SeenTemplate, TemplateWatch } from '../template-watch.js';
import { type Html, html } from './html.js';
import { duration, number, percent } from './quantities.js';

/** Rows of the table. */
const MOST = 20;
const MASKED = html`<p>Values are masked: what stands between angle brackets was a number, a name, an address or the like. Templates are known where BERT or a language model is on.</p>`;

/** Templates whose records leave without a label, by count. */
export function unclassifiedSection(templates: TemplateWatch, now: number): Html {
  const rows = templates.unclassified(MOST);
  const title = 'Unclassified templates';
  if (rows.length === 0) return html`<section id="unclassified"><h2>${title}</h2><p>None.</p>${MASKED}</section>`;
  return html`<section id="unclassified"><h2>${title}</h2>${MASKED}
${table(
  'Those with most records first',
  ['records', 'template', 'likeliest', 'last'],
  rows.map(
    (row) =>
      html`<tr><td class="number">${number(row.records)}</td>${templateCell(row)}<td>${row.guess === null ? '–' : `${row.guess.label} ${percent(row.guess.confidence)}`}</td><td>${duration((now - row.last) / 1000)} ago</td></tr>`,
  ),
)}
</section>`;
}

/** Templates that were never seen here before. */
export function newestSection(templates: TemplateWatch, now: number): Html {
  const rows = templates.newest;
  const title = 'Newest templates';
  if (rows.length === 0) return html`<section id="newest"><h2>${title}</h2><p>None since the start.</p></section>`;
  return html`<section id="newest"><h2>${title}</h2>
${table(
  'The newest first',
  ['first seen', 'template', 'label then'],
  rows.map(
    (row) =>
      html`<tr><td>${duration((now - row.at) / 1000)} ago</td>${templateCell(row)}<td>${row.label} <small>${row.stage}</small></td></tr>`,
  ),
)}
</section>`;
}

/** Log text, such as it is: an attacker may have written it. */
function templateCell({ level, logger, template }: SeenTemplate): Html {
  return html`<td class="template"><small>${level} ${logger}</small> <code dir="ltr">${template}</code></td>`;
}

function table(caption: string, columns: readonly string[], rows: readonly Html[]): Html {
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption>
<thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
