import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { always, answers, type Behaviour, type Repeated, status } from './behaviours.js';
import { type CertificateOptions, makeCertificate } from './certificate.js';
import type { Labelling } from './completion.js';
import type { ChatBody, ReceivedRequest } from './received-request.js';
import { type Reply, sendReply } from './reply.js';

export interface ScriptedServerOptions {
  /** HTTPS, with a certificate of an authority that clients do not know; {@link ScriptedServer.ca} is to be given to them. */
  readonly tls?: CertificateOptions;
  /** How it labels where no behaviour says otherwise; by default everything `other`, 0.9. */
  readonly labelling?: Labelling;
}

/**
 * An OpenAI-compatible endpoint on a free port of 127.0.0.1 that answers correctly, or as its script says. A closed one is a port that refuses.
 *
 * Only `POST …/chat/completions` is answered by the script; other requests get 404. All are kept in `requests`.
 */
export class ScriptedServer {
  readonly requests: readonly ReceivedRequest[];
  readonly #requests: ReceivedRequest[] = [];
  readonly #news = new EventEmitter().setMaxListeners(0);
  readonly #sockets = new Set<Socket>();
  readonly #labelling: Labelling;
  #steps: { left: number; readonly behaviour: Behaviour }[] = [];
  #open = 0;
  #mostAtOnce = 0;
  #failure: unknown;

  private constructor(
    private readonly server: Server,
    /** With `/v1`, without a slash behind it. */
    readonly baseUrl: string,
    /** The authority of the certificate in PEM; empty without TLS. */
    readonly ca: string,
    labelling: Labelling | undefined,
  ) {
    this.requests = this.#requests;
    this.#labelling = labelling ?? (() => ({ label: 'other', confidence: 0.9 }));
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('request', (request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        this.#failure ??= error;
        response.destroy();
      });
    });
  }

  static async start({ tls, labelling }: ScriptedServerOptions = {}): Promise<ScriptedServer> {
    const certificate = tls === undefined ? null : await makeCertificate(tls);
    const server = certificate === null ? createServer() : createTlsServer({ key: certificate.key, cert: certificate.cert });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const scheme = certificate === null ? 'http' : 'https';
    return new ScriptedServer(server, `${scheme}://127.0.0.1:${port}/v1`, certificate?.ca ?? '', labelling);
  }

  /** Requests that wait for the end of their answer. */
  get open(): number {
    return this.#open;
  }

  /** The most requests that were open at a time. */
  get mostAtOnce(): number {
    return this.#mostAtOnce;
  }

  /** Connections that clients hold. */
  get connections(): number {
    return this.#sockets.size;
  }

  /**
   * From now on requests get what these steps say: each once, or as often as `times` and `always` have it. Every request goes to the first step
   * that is not used up and takes it; a step that lets it pass is not used. Behind the last step the server answers correctly again.
   */
  script(...steps: readonly (Behaviour | Repeated)[]): void {
    this.#steps = steps.map((step) =>
      typeof step === 'function' ? { left: 1, behaviour: step } : { left: step.times, behaviour: step.behaviour },
    );
  }

  /** From now on every request gets what this says, or a correct answer where it says null. */
  respond(behaviour: Behaviour): void {
    this.script(always(behaviour));
  }

  /** Resolves when so many requests have come, counted from the start. */
  async received(count: number): Promise<void> {
    while (this.#requests.length < count) await once(this.#news, 'request');
  }

  /** Ends all connections, answered or not. Throws what a behaviour of the script threw. */
  async close(): Promise<void> {
    const closed = this.server.listening ? once(this.server.close(), 'close') : null;
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    // A write that meets a connection just closed.
    response.on('error', () => gone.abort());
    const ended = new Promise<'answered' | 'cut off'>((resolve) => {
      response.once('close', () => {
        gone.abort();
        resolve(response.writableFinished ? 'answered' : 'cut off');
      });
    });
    this.#mostAtOnce = Math.max(this.#mostAtOnce, ++this.#open);
    void ended.then(() => this.#open--);
    const body = await text(incoming).catch(() => null);
    // The client left before it had said all.
    if (body === null) return;
    const { method = '', url = '', headers } = incoming;
    const request = { method, path: url, headers, text: body, body: parsed(body), time: performance.now(), ended };
    this.#requests.push(request);
    // Taken before anybody hears of it: whoever waits for the request may change the script.
    const reply = this.#take(request);
    this.#news.emit('request');
    await sendReply(reply, response, gone.signal);
  }

  #take(request: ReceivedRequest): Reply {
    const isChat = request.method === 'POST' && request.path.replace(/\?.*/, '').endsWith('/chat/completions');
    if (!isChat) return notFound(request, this.#labelling);
    for (const step of this.#steps) {
      const reply = step.left > 0 ? step.behaviour(request, this.#labelling) : null;
      if (reply === null) continue;
      step.left--;
      return reply;
    }
    return correctly(request, this.#labelling);
  }
}

const correctly = answers();
const notFound = status(404);

function parsed(body: string): ChatBody {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as ChatBody) : {};
  } catch {
    return {};
  }
}
