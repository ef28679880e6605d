import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { createGzip } from 'node:zlib';

/** Before anything was answered, or when status, headers and (of a reset) half of the body are sent. */
export type Moment = 'before headers' | 'after headers';

/** What goes over the wire for one request. */
export type Reply =
  | { readonly kind: 'send'; readonly status: number; readonly headers: OutgoingHttpHeaders; readonly body: string }
  | { readonly kind: 'drip'; readonly body: string; readonly bytesPerSecond: number }
  /** `filler` blanks between head and tail, of unannounced length. */
  | {
      readonly kind: 'huge';
      readonly head: string;
      readonly filler: number;
      readonly tail: string;
      readonly encoding: 'identity' | 'gzip';
    }
  | { readonly kind: 'hang'; readonly moment: Moment }
  | { readonly kind: 'reset'; readonly moment: Moment; readonly body: string }
  /** `wait`: milliseconds, or what to wait for. */
  | { readonly kind: 'after'; readonly wait: number | Promise<unknown>; readonly reply: Reply };

const JSON_TYPE = { 'content-type': 'application/json' };
const CHUNK = Buffer.alloc(65_536, ' ');
/** A timer cannot do much better. */
const SHORTEST_TICK_MS = 10;

/** Sends the reply. Returns early, without an error, when the connection ends; `gone` tells of that. */
export async function sendReply(reply: Reply, response: ServerResponse, gone: AbortSignal): Promise<void> {
  try {
    await send(reply, response, gone);
  } catch (error) {
    if (!gone.aborted) throw error;
  }
}

async function send(reply: Reply, response: ServerResponse, gone: AbortSignal): Promise<void> {
  switch (reply.kind) {
    case 'send':
      response.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(reply.body) }).end(reply.body);
      return;
    case 'drip':
      return drip(reply.body, reply.bytesPerSecond, response, gone);
    case 'huge': {
      const { encoding } = reply;
      response.writeHead(200, encoding === 'gzip' ? { ...JSON_TYPE, 'content-encoding': encoding } : JSON_TYPE);
      const body = Readable.from(padded(reply), { objectMode: false });
      return encoding === 'gzip' ? pipeline(body, createGzip(), response) : pipeline(body, response);
    }
    case 'hang':
      if (reply.moment === 'after headers') response.writeHead(200, JSON_TYPE).flushHeaders();
      return;
    case 'reset':
      return reset(reply.moment, reply.body, response);
    case 'after':
      await (typeof reply.wait === 'number' ? sleep(reply.wait, undefined, { signal: gone }) : reply.wait);
      if (!gone.aborted) await send(reply.reply, response, gone);
  }
}

async function drip(body: string, bytesPerSecond: number, response: ServerResponse, gone: AbortSignal): Promise<void> {
  const bytes = Buffer.from(body);
  response.writeHead(200, { ...JSON_TYPE, 'content-length': bytes.length }).flushHeaders();
  const tick = Math.max(SHORTEST_TICK_MS, 1000 / bytesPerSecond);
  const step = Math.max(1, Math.round((bytesPerSecond * tick) / 1000));
  for (let at = 0; at < bytes.length; at += step) {
    await sleep(tick, undefined, { signal: gone });
    response.write(bytes.subarray(at, at + step));
  }
  response.end();
}

function* padded({ head, filler, tail }: { readonly head: string; readonly filler: number; readonly tail: string }): Generator<Buffer> {
  yield Buffer.from(head);
  for (let left = filler; left > 0; left -= CHUNK.length) yield left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK;
  yield Buffer.from(tail);
}

async function reset(moment: Moment, body: string, response: ServerResponse): Promise<void> {
  const { socket } = response;
  if (socket === null) return;
  if (moment === 'before headers') {
    // Only a plain TCP socket can be told to send RST.
    if (socket instanceof TLSSocket) socket.destroy();
    else socket.resetAndDestroy();
    return;
  }
  response.writeHead(200, { ...JSON_TYPE, 'content-length': Buffer.byteLength(body) });
  await new Promise((sent) => response.write(body.slice(0, body.length / 2), sent));
  // RST could overtake the headers: the client is to see those, and then the end.
  socket.destroy();
}
