import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type OutgoingHttpHeaders, request, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { makeCertificate } from '../../stages/llm/certificate.js';
import { thin } from './bulk-items.js';
import { type Decide, type Fault, isBulk, kindOf } from './faults.js';

export interface FaultProxyOptions {
  /** Of the server behind it, such as {@link SearchServer.url}; it may be down. */
  readonly target: string;
  /** By default everything passes. */
  readonly decide?: Decide;
  /** HTTPS, with a certificate of an authority that clients do not know and that is sent along: {@link FaultProxy.ca}. */
  readonly tls?: boolean;
  /** {@link FaultProxy.authorization}. */
  readonly authorization?: string;
  /**
   * Lets Elasticsearch's client of any version speak with any server: answers say that they are Elasticsearch's, and the client's media types
   * with a version (`application/vnd.elasticsearch+json; compatible-with=9`) become plain ones.
   */
  readonly asElasticsearch?: boolean;
}

interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host', 'expect']);
const ENDLESS = Buffer.alloc(65_536, '{"took":1,"errors":false,"items":[{"create":{"status":201}},');

/** A proxy on a free port of the loopback, before a search server, that does to every request what {@link FaultProxy.decide} says. */
export class FaultProxy {
  /** May be changed at any time; holds for requests from then on. */
  decide: Decide;
  /** What the header `authorization` has to be, word by word; everything else gets 401. Undefined: it is not looked at. May be changed at any time. */
  authorization: string | undefined;
  readonly #counts = new Map<string, number>();
  readonly #sockets = new Set<Socket>();
  readonly #agent = new Agent({ keepAlive: true });
  #number = 0;
  #failure: unknown;

  private constructor(
    private readonly server: Server,
    private readonly options: FaultProxyOptions,
    /** Without a slash at its end. */
    readonly url: string,
    /** The authority of its certificate in PEM; empty without TLS. */
    readonly ca: string,
  ) {
    this.decide = options.decide ?? (() => ({ kind: 'pass' }));
    this.authorization = options.authorization;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('request', (incoming, response) => {
      this.#serve(incoming, response).catch((error: unknown) => {
        this.#failure ??= error;
        response.destroy();
      });
    });
  }

  static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    const certificate = options.tls === true ? await makeCertificate() : null;
    const server =
      certificate === null ? createServer() : createTlsServer({ key: certificate.key, cert: `${certificate.cert}\n${certificate.ca}` });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    return new FaultProxy(server, options, `${certificate === null ? 'http' : 'https'}://127.0.0.1:${port}`, certificate?.ca ?? '');
  }

  /**
   * How often it did what: `pass`, `reset before`, `status 429 with retry-after` and so on; besides `items dropped`, counted by items,
   * `unauthorized`, and `unreachable` for what should have passed while the server was down.
   */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** Cuts all connections. @throws what `decide` threw. */
  async close(): Promise<void> {
    const closed = once(this.server.close(), 'close');
    for (const socket of this.#sockets) socket.destroy();
    this.#agent.destroy();
    await closed;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    // Clients leave in the middle; that is theirs to count.
    response.on('error', () => {});
    const body = await buffer(incoming).catch(() => null);
    if (body === null) return;
    const { authorization } = this;
    if (authorization !== undefined && incoming.headers.authorization !== authorization) {
      this.#count('unauthorized');
      return this.#send(response, refusal(401));
    }
    const { method = 'GET', url: path = '/' } = incoming;
    const zipped = incoming.headers['content-encoding'] === 'gzip';
    const text = (zipped ? gunzipSync(body) : body).toString();
    const fault = this.decide({ number: this.#number++, method, path, body: text });
    await this.#act(fault.kind === 'items' && !isBulk(path) ? { kind: 'pass' } : fault, incoming, body, text, response);
  }

  async #act(fault: Fault, incoming: IncomingMessage, body: Buffer, text: string, response: ServerResponse): Promise<void> {
    const forward = () => this.#forward(incoming, body, {});
    this.#count(kindOf(fault));
    switch (fault.kind) {
      case 'delay':
        await pause(fault.ms);
        return this.#pass(await forward(), response);
      case 'pass':
        return this.#pass(await forward(), response);
      case 'reset':
        if (fault.when === 'after') await forward();
        cut(response);
        return;
      case 'status':
        return this.#send(response, refusal(fault.status, fault.retryAfterSeconds));
      case 'half':
        return this.#half(await forward(), response);
      case 'garbage':
        await forward();
        return this.#send(response, json(200, '<html>{"took":'));
      case 'endless':
        return this.#endless(response);
      case 'items': {
        const thinned = thin(text, fault.pick, fault.status ?? 429);
        this.#count('items dropped', thinned.dropped);
        if (thinned.body === '') return this.#send(response, json(200, thinned.complete(null)));
        const answer = await this.#forward(incoming, Buffer.from(thinned.body), {
          'content-encoding': undefined,
          'accept-encoding': 'identity',
        });
        return this.#pass(answer && json(answer.status, thinned.complete(answer.body.toString())), response);
      }
    }
  }

  /** Null where the server cannot be reached, or goes in the middle of it. */
  async #forward(incoming: IncomingMessage, body: Buffer, changed: OutgoingHttpHeaders): Promise<Answer | null> {
    const headers = endToEnd({ ...incoming.headers, ...changed });
    if (this.options.asElasticsearch === true) {
      for (const name of ['accept', 'content-type']) headers[name] &&= plain(String(headers[name]));
    }
    delete headers['authorization'];
    headers['content-length'] = body.length;
    const outgoing = request(this.options.target + incoming.url, { method: incoming.method, headers, agent: this.#agent });
    outgoing.end(body);
    try {
      const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
      outgoing.on('error', () => {});
      return { status: answer.statusCode ?? 502, headers: endToEnd(answer.headers), body: await buffer(answer) };
    } catch {
      return null;
    }
  }

  #pass(answer: Answer | null, response: ServerResponse): void {
    if (answer !== null) {
      this.#send(response, answer);
      return;
    }
    this.#count('unreachable');
    cut(response);
  }

  #half(answer: Answer | null, response: ServerResponse): void {
    if (answer === null) {
      this.#pass(null, response);
      return;
    }
    this.#head(response, answer);
    const { socket } = response;
    response.write(answer.body.subarray(0, answer.body.length >> 1), () => socket?.destroy());
  }

  #endless(response: ServerResponse): void {
    this.#head(response, { status: 200, headers: { 'content-type': 'application/json' }, body: null });
    const more = () => {
      while (!response.destroyed && response.write(ENDLESS));
    };
    response.on('drain', more);
    more();
  }

  #send(response: ServerResponse, answer: Answer): void {
    this.#head(response, answer);
    response.end(answer.body);
  }

  #head(response: ServerResponse, { status, headers, body }: Omit<Answer, 'body'> & { readonly body: Buffer | null }): void {
    const length = body === null || headers['content-length'] !== undefined ? {} : { 'content-length': body.length };
    const product = this.options.asElasticsearch === true ? { 'x-elastic-product': 'Elasticsearch' } : {};
    response.writeHead(status, { ...headers, ...length, ...product });
  }

  #count(kind: string, by = 1): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + by);
  }
}

/** A reset, or behind TLS, where Node.js has none, an end without a goodbye. */
function cut({ socket }: ServerResponse): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket?.resetAndDestroy();
}

function endToEnd(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name, value]) => value !== undefined && !HOP_BY_HOP.has(name)));
}

function plain(mediaType: string): string {
  return mediaType.replaceAll(/application\/vnd\.elasticsearch\+([a-z-]+)\s*;\s*compatible-with=\d+/g, 'application/$1');
}

function json(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) };
}

function refusal(status: number, retryAfterSeconds?: number): Answer {
  const answer = json(status, JSON.stringify({ error: { type: 'fault', reason: 'refused by the proxy of a test' }, status }));
  return retryAfterSeconds === undefined ? answer : { ...answer, headers: { ...answer.headers, 'retry-after': String(retryAfterSeconds) } };
}
