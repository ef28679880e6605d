import { version } from '../../version.js';
import type { History } from '../history.js';
import type { TemplateWatch } from '../template-watch.js';
import type { AgentView } from '../view.js';
import { flowSection } from './flow.js';
import { type Html, html } from './html.js';
import { labelsSection, stagesSection } from './last-hour.js';
import { duration } from './quantities.js';
import { newestSection, unclassifiedSection } from './templates.js';

/** What the page shows. */
export interface Seen {
  readonly view: AgentView;
  readonly history: History;
  readonly templates: TemplateWatch;
}

/** Seconds after which a page without JavaScript is loaded again. */
const RELOAD_S = 15;

/**
 * The page of an agent, as HTML. It has all it shows without JavaScript; with it, it is brought up to date in place.
 * @param live whether it brings itself up to date
 */
export function page(seen: Seen, live: boolean, now = Date.now()): string {
  const { view } = seen;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${view.state === 'running' ? '' : `${view.state}: `}trilog on ${view.host}</title>
<link rel="icon" type="image/svg+xml" href="/icon.svg">
<link rel="stylesheet" href="/style.css">
${
  live
    ? html`<noscript><meta http-equiv="refresh" content="${RELOAD_S}"></noscript>
<script type="module" src="/live.js"></script>`
    : ''
}
</head>
<body>
<header>
<h1>trilog <small>on ${view.host}</small></h1>
<p id="updates">${updates(live)}</p>
</header>
<main>
${sections(seen, now)}
</main>
<footer><p>The same as numbers: <a href="/status">/status</a>, <a href="/metrics">/metrics</a>.</p></footer>
</body>
</html>
`.text;
}

function updates(live: boolean): Html {
  return live
    ? html`<noscript>Loaded again every ${RELOAD_S} seconds. <a href="/still">Stop that</a></noscript>`
    : html`This page stays as it is. <a href="/">Bring it up to date by itself</a>`;
}

function sections(seen: Seen, now: number): readonly Html[] {
  const { view, history, templates } = seen;
  const asOf = new Date(now).toISOString().slice(0, 19).replace('T', ' ');
  return [
    html`<section id="state" aria-label="State"><p><strong class="${view.state}">${view.state}</strong> for ${duration((now - view.startedAt) / 1000)} · version ${version()} · as of <time datetime="${new Date(now).toISOString()}">${asOf} UTC</time></p></section>`,
    flowSection(view, history, now),
    stagesSection(history),
    labelsSection(history),
    unclassifiedSection(templates, now),
    newestSection(templates, now),
  ];
}
