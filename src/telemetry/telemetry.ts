import { type Listen, type Page, TelemetryServer } from './http.js';
import { Metrics } from './metrics.js';
import { statusOf } from './status.js';
import type { AgentView, Probe } from './view.js';

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
  const server = await TelemetryServer.start(listen, {
    '/livez': () => said(200, 'alive'),
    '/readyz': () => (view.state === 'running' ? said(200, 'ready') : said(503, view.state)),
    '/metrics': async () => ({ status: 200, type: metrics.contentType, body: await metrics.text() }),
    '/status': () => ({ status: 200, type: 'application/json', body: `${JSON.stringify(statusOf(view), null, 2)}\n` }),
  });
  return { probe: metrics, port: server.address.port, close: () => server.close() };
}

function said(status: number, word: string): Page {
  return { status, type: 'text/plain; charset=utf-8', body: `${word}\n` };
}
