import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TrilogError } from '../errors.js';

/** An answer to a GET. */
export interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** An answer that goes on until whoever began it ends it, or the reader goes. */
export interface Flow {
  readonly type: string;
  /** The head of the answer is on its way, and its lines are written from now on. */
  begin(to: ServerResponse): void;
}

export type Answer = Page | Flow;

/** What of a request may matter beside its path. */
export interface Asked {
  /** Without the question mark. */
  readonly query: string;
  /** The name or address, and perhaps a port, by which the server was asked. */
  readonly host: string;
}

/** What a path answers. A flow begins in the same turn as it is asked for, so that what bounds their number needs no reservation. */
export type Pages = Readonly<Record<string, (asked: Asked) => Page | Promise<Page> | Flow>>;

/** Where to listen; port 0 is any that is free. */
export interface Listen {
  readonly host: string;
  readonly port: number;
}

/** Bounds, so that whoever can reach the port can make the agent do little: in milliseconds, bytes, and connections at a time. */
const PATIENCE_MS = 5000;
const MAX_HEADER_BYTES = 8192;
const MAX_CONNECTIONS = 32;

/** What a flow is in place of, where its connection is busy. */
const QUEUED: Page = { status: 400, type: 'text/plain', body: 'one at a time on a connection\n' };

/** A page may load what this server has, and nothing else; nothing written into it is run; it may not be framed or be taken for something else. */
const OWN = "style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'";
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; ${OWN}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** A small server that only shows: GET and HEAD of known paths. */
export class TelemetryServer {
  private constructor(private readonly server: Server) {}

  /** @throws TrilogError `TELEMETRY_FAILED` where the address cannot be taken. */
  static async start({ host, port }: Listen, pages: Pages): Promise<TelemetryServer> {
    const options = {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: PATIENCE_MS,
      requestTimeout: PATIENCE_MS,
      keepAliveTimeout: PATIENCE_MS,
    };
    const server = createServer(options, (request, response) => {
      answer(request, response, pages).catch(() => response.destroy());
    });
    server.maxConnections = MAX_CONNECTIONS;
    try {
      server.listen(port, host);
      await once(server, 'listening');
    } catch (cause) {
      throw new TrilogError('TELEMETRY_FAILED', `${host}:${port}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
    // A scrape must not keep a process that is done.
    server.unref();
    return new TelemetryServer(server);
  }

  get address(): AddressInfo {
    return this.server.address() as AddressInfo;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, pages: Pages): Promise<void> {
  // What a request brings besides its first line is of no use.
  request.resume();
  const { method = '', url = '' } = request;
  const path = url.split('?', 1)[0] ?? '';
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  const asked = { query: url.slice(path.length + 1), host: request.headers.host ?? '' };
  const found =
    method !== 'GET' && method !== 'HEAD'
      ? { status: 405, type: 'text/plain', body: 'only GET\n' }
      : page === undefined
        ? { status: 404, type: 'text/plain', body: `there is ${Object.keys(pages).join(', ')}\n` }
        : page(asked);
  // Behind another on its connection a flow would wait for that, and nobody would tell it that its reader has gone.
  if ('begin' in found && response.socket !== null) {
    response.writeHead(200, { ...HEADERS, 'content-type': found.type });
    if (method === 'HEAD') {
      response.end();
      return;
    }
    response.flushHeaders();
    found.begin(response);
    return;
  }
  const { status, type, body } = 'begin' in found ? QUEUED : await found;
  response.writeHead(status, {
    ...HEADERS,
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    ...(status === 405 && { allow: 'GET, HEAD' }),
  });
  response.end(method === 'HEAD' ? undefined : body);
}
