import { History } from './history.js';
import { type Listen, type Page, TelemetryServer } from './http.js';
import { Metrics } from './metrics.js';
import { assets } from './page/assets.js';
import { page } from './page/page.js';
import { statusOf } from './status.js';
import { TemplateWatch } from './template-watch.js';
import type { AgentView, Probe } from './view.js';

/** How often counts are looked at for the page's rates and minutes. */
const LOOK_MS = 5000;

/** What an agent shows of itself, on an address. */
export interface Telemetry {
  readonly probe: Probe;
  /** The port that was taken. */
  readonly port: number;
  close(): Promise<void>;
}

/** @throws TrilogError `TELEMETRY_FAILED` where the address cannot be taken. */
export async function showAt(listen: Listen, view: AgentView): Promise<Telemetry> {
  const metrics = new Metrics(view);
  const history = new History(view.tally);
  const templates = new TemplateWatch();
  const shown = (live: boolean): Page => {
    history.look();
    return { status: 200, type: 'text/html; charset=utf-8', body: page({ view, history, templates }, live) };
  };
  const server = await TelemetryServer.start(listen, {
    '/': () => shown(true),
    '/still': () => shown(false),
    ...assets(),
    '/livez': () => said(200, 'alive'),
    '/readyz': () => (view.state === 'running' ? said(200, 'ready') : said(503, view.state)),
    '/metrics': async () => ({ status: 200, type: metrics.contentType, body: await metrics.text() }),
    '/status': () => ({ status: 200, type: 'application/json', body: `${JSON.stringify(statusOf(view), null, 2)}\n` }),
  });
  const looking = setInterval(() => history.look(), LOOK_MS).unref();
  const probe: Probe = {
    leaving: (records) => templates.add(records),
    settled: (input, seconds) => metrics.settled(input, seconds),
    classified: (seconds) => metrics.classified(seconds),
  };
  const close = async (): Promise<void> => {
    clearInterval(looking);
    await server.close();
  };
  return { probe, port: server.address.port, close };
}

function said(status: number, word: string): Page {
  return { status, type: 'text/plain; charset=utf-8', body: `${word}\n` };
}
