import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** One document that a bulk asks to be created. */
export interface Asked {
  readonly index: string;
  readonly id: string;
  readonly document: string;
}

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: number;
  readonly asked: readonly Asked[];
}

/** What happens to the next bulk. What it does not answer itself is answered as by a server that takes everything new. */
export type Script = (received: Received, response: ServerResponse) => 'answered' | 'take' | ReadonlyMap<string, object>;

/** How a kind of server says what it is. */
const BANNERS = {
  opensearch: { version: { distribution: 'opensearch', number: '2.19.6' } },
  elasticsearch: { version: { number: '9.4.3' } },
};

/**
 * A search server on a free port of 127.0.0.1 as far as an output sees it: it keeps documents by id, knows one data stream, and does what it is told to go wrong. The
 * real servers are in test/services/search.
 */
export class ScriptedSearch {
  /** By id: what one index holds. */
  readonly documents = new Map<string, Asked>();
  readonly #created: Asked[] = [];
  readonly received: Received[] = [];
  readonly script: Script[] = [];
  readonly #news: (() => void)[] = [];
  #open = 0;
  mostAtOnce = 0;
  /** What is answered beside bulks, by method and path; 404 where it has nothing. */
  readonly answers = new Map<string, () => readonly [status: number, body: object]>();

  private constructor(
    readonly server: Server,
    readonly url: string,
  ) {}

  static async start(
    engine: keyof typeof BANNERS = 'opensearch',
    tls: { key: string; cert: string } | null = null,
  ): Promise<ScriptedSearch> {
    const server = tls === null ? createServer() : createTlsServer(tls);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const search = new ScriptedSearch(server, `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}`);
    search.answers.set('GET /', () => [200, BANNERS[engine]]);
    search.answers.set('GET /_data_stream/logs-openstack.classified-default', () => [200, {}]);
    server.on('request', (request, response) => void search.#serve(request, response, engine));
    return search;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** Resolves with the next request of any kind. */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => this.#news.push(resolve));
  }

  /** What was created in any index. */
  get created(): readonly Asked[] {
    return this.#created;
  }

  get bulks(): Received[] {
    return this.received.filter(({ path }) => path.includes('_bulk'));
  }

  async #serve(request: IncomingMessage, response: ServerResponse, engine: keyof typeof BANNERS): Promise<void> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#open);
    response.once('close', () => this.#open--);
    response.setHeader('content-type', 'application/json');
    if (engine === 'elasticsearch') response.setHeader('x-elastic-product', 'Elasticsearch');
    const raw = await buffer(request);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    const [path = '/'] = (request.url ?? '/').split('?');
    const received = {
      method: request.method ?? '',
      path,
      headers: request.headers,
      bytes: body.length,
      asked: askedIn(body.toString(), path),
    };
    this.received.push(received);
    for (const told of this.#news.splice(0)) told();
    if (!path.endsWith('_bulk')) {
      const [status, answer] = this.answers.get(`${received.method} ${path}`)?.() ?? [404, { error: { type: 'not_found', reason: path } }];
      response.writeHead(status).end(JSON.stringify(answer));
      return;
    }
    const verdict = this.script.shift()?.(received, response) ?? 'take';
    if (verdict === 'answered') return;
    const items = received.asked.map((asked) => ({
      create: (verdict === 'take' ? undefined : verdict.get(asked.id)) ?? this.#keep(asked),
    }));
    response.end(JSON.stringify({ errors: true, items }));
  }

  #keep(asked: Asked): object {
    const there = this.#created.some(({ id, index }) => id === asked.id && index === asked.index);
    if (there) return { status: 409, error: { type: 'version_conflict_engine_exception', reason: 'there' } };
    this.documents.set(asked.id, asked);
    this.#created.push(asked);
    return { status: 201 };
  }
}

function askedIn(body: string, path: string): Asked[] {
  if (!path.endsWith('_bulk')) return [];
  const lines = body.split('\n').slice(0, -1);
  return Array.from({ length: lines.length / 2 }, (_, i) => {
    const { create } = JSON.parse(lines[2 * i] ?? '') as { create: { _id: string; _index?: string } };
    return { id: create._id, index: create._index ?? path.split('/')[1] ?? '', document: lines[2 * i + 1] ?? '' };
  });
}
