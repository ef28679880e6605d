import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { isObject } from '../../src/record/json-object.js';
import { Reader } from './msgpack-read.js';
import { Malformed } from './msgpack-scan.js';

/** The handshake of the Forward protocol (https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1#handshake-messages). */

export interface User {
  readonly username: string;
  readonly password: string;
}

/** What a server draws for one connection. */
export interface Challenge {
  readonly nonce: Buffer;
  /** Empty where no user has to say who it is. */
  readonly auth: Buffer;
}

export interface ServerIdentity {
  readonly hostname: string;
  readonly sharedKey: string;
  /** Null where the key is enough. */
  readonly users: readonly User[] | null;
}

export interface ClientIdentity {
  readonly hostname: string;
  readonly sharedKey: string;
  readonly user: User | null;
}

const SALT_BYTES = 16;
const NO_BYTES = Buffer.alloc(0);

export function newChallenge(withUsers: boolean): Challenge {
  return { nonce: randomBytes(SALT_BYTES), auth: withUsers ? randomBytes(SALT_BYTES) : NO_BYTES };
}

/** The server's first message. */
export function helo({ nonce, auth }: Challenge): readonly unknown[] {
  return ['HELO', { nonce, auth, keepalive: true }];
}

/** The parts of a handshake's message; a text or binary is a string of its bytes (latin1), since nonces are no UTF-8. @throws Malformed */
export function readHandshake(bytes: Buffer): readonly unknown[] {
  const message = new Reader(bytes, 0, bytes.length, 'latin1').value();
  if (!Array.isArray(message)) throw new Malformed('no message of a handshake');
  return message;
}

/** What a client is to answer to; null where the message is no HELO. */
export function readHelo(message: readonly unknown[]): Challenge | null {
  const [type, options] = message;
  if (type !== 'HELO' || !isObject(options)) return null;
  return { nonce: bytesOf(options['nonce']), auth: bytesOf(options['auth']) };
}

/** The client's answer. */
export function ping(client: ClientIdentity, { nonce, auth }: Challenge, salt: Buffer = randomBytes(SALT_BYTES)): readonly unknown[] {
  const { hostname, sharedKey, user } = client;
  const digest = sharedKeyDigest(salt, hostname, nonce, sharedKey);
  const name = user?.username ?? '';
  const password = auth.length > 0 ? passwordDigest(auth, name, user?.password ?? '') : '';
  return ['PING', hostname, salt, digest, name, password];
}

export type Verdict =
  | { readonly admitted: true; readonly hostname: string; readonly salt: Buffer }
  | { readonly admitted: false; readonly reason: string; readonly salt: Buffer };

/** A PING: type, host name, salt, digest of the key, user, digest of the password. */
export function judgePing(server: ServerIdentity, { nonce, auth }: Challenge, message: readonly unknown[]): Verdict {
  const [type, ...parts] = message;
  const [host, salt, digest, name, password] = parts.map(bytesOf);
  if (type !== 'PING' || host === undefined || salt === undefined || digest === undefined)
    return { admitted: false, reason: 'no PING', salt: NO_BYTES };
  if (!isSame(digest, sharedKeyDigest(salt, host, nonce, server.sharedKey)))
    return { admitted: false, reason: 'shared_key mismatch', salt };
  if (server.users !== null) {
    // All are tried, so that the time does not tell whether there is such a user.
    let known = false;
    for (const user of server.users) {
      const same = isSame(password ?? NO_BYTES, passwordDigest(auth, user.username, user.password));
      if (name?.toString() === user.username && same) known = true;
    }
    if (!known) return { admitted: false, reason: 'username/password mismatch', salt };
  }
  return { admitted: true, hostname: host.toString(), salt };
}

/** The server's answer; only one that has the key can give it. */
export function pong(server: ServerIdentity, { nonce }: Challenge, verdict: Verdict): readonly unknown[] {
  const digest = sharedKeyDigest(verdict.salt, server.hostname, nonce, server.sharedKey);
  return verdict.admitted ? ['PONG', true, '', server.hostname, digest] : ['PONG', false, verdict.reason, '', ''];
}

/** What is wrong with a PONG to a PING of this salt; null where the server took it and has the key. */
export function pongProblem(client: ClientIdentity, { nonce }: Challenge, salt: Buffer, message: readonly unknown[]): string | null {
  const [type, admitted, reason, host, digest] = message;
  if (type !== 'PONG') return 'the server answers with something else than a PONG';
  if (admitted !== true)
    return `the server refuses this client: ${typeof reason === 'string' ? reason.slice(0, 200) : 'it does not say why'}`;
  const own = sharedKeyDigest(salt, bytesOf(host), nonce, client.sharedKey);
  return isSame(bytesOf(digest), own) ? null : 'the server does not have the shared key';
}

/** Of a text as {@link readHandshake} gives it; of anything else none. */
function bytesOf(value: unknown): Buffer {
  return typeof value === 'string' ? Buffer.from(value, 'latin1') : NO_BYTES;
}

function sharedKeyDigest(salt: Buffer, hostname: string | Buffer, nonce: Buffer, key: string): string {
  return createHash('sha512').update(salt).update(hostname).update(nonce).update(key).digest('hex');
}

function passwordDigest(auth: Buffer, username: string, password: string): string {
  return createHash('sha512').update(auth).update(username).update(password).digest('hex');
}

function isSame(given: Buffer, expected: string): boolean {
  const wanted = Buffer.from(expected);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
