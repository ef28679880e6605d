import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';

const FRAMES_AT_ONCE = 100;

/**
 * Sends messages over one connection, each with its length before it (octet counting, RFC 6587), so that a newline within one stays there.
 * Ends early, and without an error, where the daemon goes away.
 */
export async function sendFrames(port: number, messages: readonly string[]): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()).on('error', () => {}));
  // What the daemon would say is of no interest, but its end of the connection is.
  socket.resume();
  for (let at = 0; at < messages.length && !socket.destroyed; at += FRAMES_AT_ONCE) {
    const frames = messages.slice(at, at + FRAMES_AT_ONCE).map((text) => `${Buffer.byteLength(text)} ${text}`);
    if (!socket.write(frames.join(''))) await Promise.race([once(socket, 'drain').catch(() => {}), closed]);
  }
  if (!socket.destroyed) socket.end();
  await closed;
}

/** Sends each message as a datagram. */
export async function sendDatagrams(port: number, messages: readonly string[]): Promise<void> {
  const socket = createSocket('udp4');
  const send = promisify((text: string, done: (error: Error | null) => void) => socket.send(text, port, '127.0.0.1', done));
  for (const text of messages) await send(text);
  socket.close();
}
