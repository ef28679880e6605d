import type { ComponentLog } from '../plugin/contract.js';
import { History } from './history.js';
import { type Listen, type Page, TelemetryServer } from './http.js';
import { Metrics } from './metrics.js';
import { assets } from './page/assets.js';
import { page } from './page/page.js';
import { statusOf } from './status.js';
import { Taps } from './tap/taps.js';
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

/** Where an agent shows itself, and what of it. */
export interface TelemetryConfig extends Listen {
  /** Whether records are shown, too: their text may hold secrets. */
  readonly tap: boolean;
}

/** @throws TrilogError `TELEMETRY_FAILED` where the address cannot be taken. */
export async function showAt(config: TelemetryConfig, view: AgentView, log: ComponentLog): Promise<Telemetry> {
  const metrics = new Metrics(view);
  const history = new History(view.tally);
  const templates = new TemplateWatch();
  const known = () => ({ labels: view.labels(), inputs: view.inputs.map(({ name }) => name) });
  const taps = new Taps(config.tap, [config.host, view.host], known, log);
  const shown = (live: boolean): Page => {
    history.look();
    return { status: 200, type: 'text/html; charset=utf-8', body: page({ view, history, templates }, live) };
  };
  const server = await TelemetryServer.start(config, {
    '/': () => shown(true),
    '/still': () => shown(false),
    ...assets(),
    '/livez': () => said(200, 'alive'),
    '/readyz': () => (view.state === 'running' ? said(200, 'ready') : said(503, view.state)),
    '/metrics': async () => ({ status: 200, type: metrics.contentType, body: await metrics.text() }),
    '/status': () => ({ status: 200, type: 'application/json', body: `${JSON.stringify(statusOf(view), null, 2)}\n` }),
    '/tap': (asked) => taps.answer(asked),
  });
  if (config.tap) log.info('records can be read by whoever reaches this address', { host: config.host });
  const looking = setInterval(() => history.look(), LOOK_MS).unref();
  const probe: Probe = {
    leaving: (records) => {
      templates.add(records);
      if (taps.open > 0) taps.take(records);
    },
    settled: (input, seconds) => metrics.settled(input, seconds),
    classified: (seconds) => metrics.classified(seconds),
  };
  const close = async (): Promise<void> => {
    clearInterval(looking);
    await taps.close();
    await server.close();
  };
  return { probe, port: server.address.port, close };
}

function said(status: number, word: string): Page {
  return { status, type: 'text/plain; charset=utf-8', body: `${word}\n` };
}
