import { UNCLASSIFIED } from '../../record/record.js';
import type { History } from '../history.js';
import { bars, ranked, shareBar, sum, swatch } from './chart.js';
import { type Html, html } from './html.js';
import { number, percent } from './quantities.js';

/** How each stage is called for people. */
const STAGES: Readonly<Record<string, string>> = {
  rule: 'rules',
  known: 'known statements',
  bert: 'BERT',
  llm: 'language model',
  none: UNCLASSIFIED,
};

/** Which share of the records each stage answered in the last hour. */
export function stagesSection(history: History): Html {
  const stages = history.stages();
  const shares = Object.entries(STAGES).map(([stage, name]) => ({ name, count: sum(stages.get(stage) ?? []) }));
  const all = sum(shares.map(({ count }) => count));
  if (all === 0) return nothing('stages', 'Stages');
  const parts = shares.map(({ name, count }) => ({ name, count, share: count / all }));
  return html`<section id="stages"><h2>Stages <small>last hour</small></h2>
${shareBar(`Shares: ${parts.map(({ name, share }) => `${name} ${percent(share)}`).join(', ')}`, parts)}
${table('Records by the stage that labelled them', 'stage', parts)}
</section>`;
}

/** What happened in the last hour, minute by minute. */
export function labelsSection(history: History): Html {
  const series = ranked(history.labels());
  const all = sum(series.map(({ values }) => sum(values)));
  if (all === 0) return nothing('labels', 'Labels');
  const rows = series.map(({ name, values }) => ({ name, count: sum(values), share: sum(values) / all }));
  return html`<section id="labels"><h2>Labels <small>last hour</small></h2>
${bars('Records by label, for each minute of the last hour; the table has their sums', series)}
${table('Records by label', 'label', rows)}
</section>`;
}

function table(caption: string, of: string, rows: readonly { name: string; count: number; share: number }[]): Html {
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption>
<thead><tr><th scope="col">${of}</th><th scope="col" class="number">records</th><th scope="col" class="number">share</th></tr></thead>
<tbody>${rows.map(({ name, count, share }, i) => html`<tr><th scope="row">${swatch(i)} ${name}</th><td class="number">${number(count)}</td><td class="number">${percent(share)}</td></tr>`)}</tbody></table></div>`;
}

function nothing(id: string, title: string): Html {
  return html`<section id="${id}"><h2>${title} <small>last hour</small></h2><p>No records yet.</p></section>`;
}
