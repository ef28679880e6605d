import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import type { ComponentLog } from '../../plugin/contract.js';
import type { LogRecord } from '../../record/record.js';
import type { Answer, Asked, Page } from '../http.js';
import { type Known, readRequest, type TapRequest } from './request.js';
import { Tap } from './tap.js';

/** At a time. */
export const MAX_TAPS = 4;
/** After so long without a word the system asks a reader's machine whether it is still there. */
const KEEP_ALIVE_MS = 30_000;
/** How long the last lines may take to leave. */
const FAREWELL_MS = 1000;

const OFF =
  'this agent shows no records: log text may hold secrets, so `telemetry: { tap: true }` has to be in its configuration, and the agent started again';

interface Open {
  readonly tap: Tap;
  readonly to: ServerResponse;
}

/** The taps of an agent: who may open one, and what they are shown. */
export class Taps {
  readonly #open = new Set<Open>();
  /** How many there are. While there are none, {@link take} has nothing to do. */
  open = 0;

  /** @param names by which the agent may be asked, beside addresses. */
  constructor(
    readonly allowed: boolean,
    readonly names: readonly string[],
    readonly known: () => Known,
    readonly log: ComponentLog,
  ) {}

  /** What a request for a tap is answered. */
  answer(asked: Asked): Answer {
    if (!this.allowed) return refused(403, OFF);
    if (!isOwnName(asked.host, this.names))
      return refused(403, 'asked for by a name that is not one of this agent; ask by its address, or `localhost`');
    const read = readRequest(new URLSearchParams(asked.query), this.known());
    if ('problem' in read) return refused(400, read.problem);
    if (this.open >= MAX_TAPS) return refused(503, `there are ${MAX_TAPS} taps already; one of them has to end first`);
    return { type: 'application/x-ndjson', begin: (to) => this.#begin(read.request, to) };
  }

  /** Records as they leave. Whatever is wrong with a tap ends that tap, and nothing else. */
  take(records: readonly LogRecord[]): void {
    for (const { tap, to } of this.#open) {
      try {
        tap.take(records);
      } catch (error) {
        this.log.error('a tap failed', { error: String(error) });
        to.destroy();
      }
    }
  }

  /** Says to every reader that the agent ends; resolves when they have it, or take too long. */
  async close(): Promise<void> {
    const left = AbortSignal.timeout(FAREWELL_MS);
    await Promise.all(
      [...this.#open].map(async ({ tap, to }) => {
        const closed = once(to, 'close', { signal: left }).catch(() => {});
        tap.end();
        await closed;
      }),
    );
  }

  #begin(request: TapRequest, to: ServerResponse): void {
    const tap = new Tap(request, to);
    const open: Open = { tap, to };
    const peer = to.socket?.remoteAddress ?? '';
    this.#open.add(open);
    this.open = this.#open.size;
    this.log.info('a tap begins', { peer, asked: request });
    let timer: NodeJS.Timeout;
    const beat = (): void => {
      tap.beat();
      // Each from the end of the one before: two that follow at once would be more than the rate.
      if (!tap.ended) timer = setTimeout(beat, tap.intervalMs);
    };
    timer = setTimeout(beat, tap.intervalMs);
    to.socket?.setKeepAlive(true, KEEP_ALIVE_MS);
    // A reader that goes while something is written is not an error of the agent.
    to.on('error', () => {});
    to.once('close', () => {
      clearTimeout(timer);
      this.#open.delete(open);
      this.open = this.#open.size;
      this.log.info('a tap has ended', { peer, counts: tap.note });
    });
  }
}

function refused(status: number, reason: string): Page {
  return { status, type: 'text/plain; charset=utf-8', body: `${reason}\n` };
}

/**
 * Whether a `Host` is an address, `localhost` or one of these names. A page of another site that has its own name resolve to the loopback asks by that name, and
 * a browser would let it read what it gets.
 */
export function isOwnName(host: string, names: readonly string[]): boolean {
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
  if (isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0) return true;
  return name === 'localhost' || names.some((own) => own.toLowerCase() === name);
}
