import type { Lag } from '../../plugin/contract.js';
import type { History } from '../history.js';
import type { AgentView, InputView, OutputView } from '../view.js';
import { type Html, html } from './html.js';
import { behind, bytes, duration, number, rate } from './quantities.js';

/** Inputs, cascade and outputs, as records go through them, with rates over the last minute and what stands in the way. */
export function flowSection(view: AgentView, history: History, now: number): Html {
  const { tally, inFlight } = view;
  const count = (name: string): number => tally.counts.get(name) ?? 0;
  const total = view.inputs.reduce((all, { name }) => all + (history.rate(`inputs.${name}.records`) ?? 0), 0);
  return html`<section id="flow"><h2>Flow</h2>
<ol class="flow">
<li><h3>Inputs</h3><ul>${view.inputs.map((input) => inputItem(input, history, count, now))}</ul></li>
<li><h3>Agent</h3><ul><li><b>all records</b><dl>
<div><dt>rate</dt><dd class="rate">${rate(total)}</dd></div>
<div><dt>since start</dt><dd>${number(tally.records)}</dd></div>
<div><dt>in flight</dt><dd>${bytes(inFlight.bytes)} of ${bytes(inFlight.maxBytes)}</dd></div>
</dl></li></ul></li>
<li><h3>Outputs</h3><ul>${view.outputs.map((output) => outputItem(output, history, count, now))}</ul></li>
</ol></section>`;
}

function inputItem({ name, type, lag, newest }: InputView, history: History, count: (name: string) => number, now: number): Html {
  const time = newest === null ? '' : html`<div><dt>newest stored</dt><dd>${duration((now - newest) / 1000)} ago</dd></div>`;
  return html`<li><b>${name}</b> <small>${type}</small><dl>
<div><dt>rate</dt><dd class="rate">${rate(history.rate(`inputs.${name}.records`))}</dd></div>
<div><dt>since start</dt><dd>${number(count(`inputs.${name}.records`))}</dd></div>
<div><dt>behind</dt><dd>${lagText(lag)}</dd></div>${time}
</dl></li>`;
}

function lagText(lag: Lag | null): string {
  if (lag === null) return 'not known';
  return lag.amount === 0 ? 'nothing' : behind(lag);
}

function outputItem({ name, type, queued, failing }: OutputView, history: History, count: (name: string) => number, now: number): Html {
  const health =
    failing === null
      ? html`<p class="ok">in order</p>`
      : html`<p class="failing">failing for ${duration((now - failing.since) / 1000)}: <q>${failing.reason}</q></p>`;
  const dead = count(`outputs.${name}.dead_letters`);
  return html`<li><b>${name}</b> <small>${type}</small>${health}<dl>
<div><dt>rate</dt><dd class="rate">${rate(history.rate(`outputs.${name}.records`))}</dd></div>
<div><dt>stored</dt><dd>${number(count(`outputs.${name}.records`))}</dd></div>
<div><dt>waiting</dt><dd>${number(queued)}</dd></div>
<div><dt>tried again</dt><dd>${number(count(`outputs.${name}.retries`))}</dd></div>
<div><dt>dead letters</dt><dd${dead > 0 ? html` class="warn"` : ''}>${number(dead)}</dd></div>
</dl>${dead > 0 ? html`<p><code>trilog replay --dry-run</code> says why they were refused.</p>` : ''}</li>`;
}
