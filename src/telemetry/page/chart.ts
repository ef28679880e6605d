import { type Html, html } from './html.js';
import { number } from './quantities.js';

/** The classes of colours that the style sheet has, `c0` and on; the last is for what has none of its own. */
export const COLOURS = 8;

/** A named row of numbers, one for each step of time. */
export interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

const WIDTH = 600;
const HEIGHT = 120;
const OTHERS = 'all others';

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The largest first; those beyond the colours together as the last. */
export function ranked(series: ReadonlyMap<string, readonly number[]>): readonly Series[] {
  const all = [...series].map(([name, values]) => ({ name, values })).sort((a, b) => sum(b.values) - sum(a.values));
  if (all.length <= COLOURS) return all;
  const rest = all.slice(COLOURS - 1);
  const others = (rest[0]?.values ?? []).map((_, i) => sum(rest.map(({ values }) => values[i] ?? 0)));
  return [...all.slice(0, COLOURS - 1), { name: OTHERS, values: others }];
}

/** Stacked bars as SVG. Its numbers stand in a table, too, so it is an image with a name. */
export function bars(title: string, series: readonly Series[]): Html {
  const steps = Math.max(0, ...series.map(({ values }) => values.length));
  const totals = Array.from({ length: steps }, (_, i) => sum(series.map(({ values }) => values[i] ?? 0)));
  const top = Math.max(1, ...totals);
  const width = WIDTH / Math.max(1, steps);
  const rectangles = Array.from({ length: steps }, (_, i) => {
    let y = HEIGHT;
    return series.flatMap(({ values }, colour) => {
      const height = ((values[i] ?? 0) / top) * HEIGHT;
      if (height === 0) return [];
      y -= height;
      const [x, w] = [(i * width + 0.5).toFixed(1), (width - 1).toFixed(1)];
      return [html`<rect class="c${colour}" x="${x}" y="${y.toFixed(1)}" width="${w}" height="${height.toFixed(1)}"/>`];
    });
  });
  return html`<figure><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${title}">${rectangles}<line x1="0" y1="${HEIGHT}" x2="${WIDTH}" y2="${HEIGHT}"/></svg>
<figcaption><span>${steps} minutes ago</span><span>highest: ${number(Math.max(0, ...totals))} a minute</span><span>now</span></figcaption></figure>`;
}

/** One bar that is divided by shares. */
export function shareBar(title: string, shares: readonly { readonly name: string; readonly share: number }[]): Html {
  let x = 0;
  const parts = shares.map(({ share }, colour) => {
    const part = html`<rect class="c${colour}" x="${x.toFixed(2)}" y="0" width="${(share * WIDTH).toFixed(2)}" height="20"/>`;
    x += share * WIDTH;
    return part;
  });
  return html`<svg class="share" viewBox="0 0 ${WIDTH} 20" preserveAspectRatio="none" role="img" aria-label="${title}">${parts}</svg>`;
}

/** The colour of a series, beside its name in a table. */
export function swatch(colour: number): Html {
  return html`<svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><rect class="c${colour}" width="10" height="10"/></svg>`;
}
