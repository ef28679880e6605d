import { createHash } from 'node:crypto';
import test from 'ava';
import { helo, judgePing, newChallenge, ping, pong, pongProblem, readHandshake, readHelo } from '../../../plugins/forward/handshake.js';
import { Writer } from '../../../plugins/forward/msgpack-write.js';

/** As it comes out at the other end. */
function sent(message: readonly unknown[]): readonly unknown[] {
  const writer = new Writer();
  writer.value(message);
  return readHandshake(writer.take());
}

const client = { hostname: 'compute01', sharedKey: 'key', user: { username: 'alice', password: 'secret' } };
const server = { hostname: 'control01', sharedKey: 'key', users: [{ username: 'bob', password: 'x' }, client.user] };

/** What the client finds wrong at the end; null where both let each other in. */
function outcome(changes: {
  client?: Partial<typeof client>;
  server?: Partial<typeof server> | { users: null };
  answering?: string;
}): string | null {
  const own = { ...client, ...changes.client };
  const other = { ...server, ...changes.server };
  const challenge = newChallenge(other.users !== null);
  const seen = readHelo(sent(helo(challenge)));
  if (seen === null) return 'no HELO';
  const salt = Buffer.from('0123456789abcdef');
  const verdict = judgePing(other, challenge, sent(ping(own, seen, salt)));
  const answer = pong({ ...other, sharedKey: changes.answering ?? other.sharedKey }, challenge, verdict);
  return pongProblem(own, seen, salt, sent(answer));
}

const OUTCOMES: readonly (readonly [string, Parameters<typeof outcome>[0], RegExp | null])[] = [
  ['both have the key, and the user is known', {}, null],
  ['the key is enough', { server: { users: null } }, null],
  ['the key of the client is another', { client: { sharedKey: 'other' } }, /shared_key mismatch/],
  ['the password is wrong', { client: { user: { username: 'alice', password: 'x' } } }, /username\/password mismatch/],
  ["the password is another user's", { client: { user: { username: 'bob', password: 'secret' } } }, /username\/password mismatch/],
  ['there is no such user', { client: { user: { username: 'eve', password: 'secret' } } }, /username\/password mismatch/],
  ['the server only pretends to have the key', { answering: 'other' }, /does not have the shared key/],
];
for (const [title, changes, expected] of OUTCOMES)
  test(`a handshake where ${title}`, (t) => {
    if (expected === null) t.is(outcome(changes), null);
    else t.regex(outcome(changes) ?? '', expected);
  });

test('the digests are those of the specification', (t) => {
  const nonce = Buffer.from('nonce\xff', 'latin1');
  const salt = Buffer.from('salt\xfe', 'latin1');
  const digest = (...parts: (string | Buffer)[]): string => {
    const hash = createHash('sha512');
    for (const part of parts) hash.update(part);
    return hash.digest('hex');
  };
  const challenge = { nonce, auth: Buffer.from('auth') };
  t.deepEqual(ping(client, challenge, salt), [
    'PING',
    'compute01',
    salt,
    digest(salt, 'compute01', nonce, 'key'),
    'alice',
    digest('auth', 'alice', 'secret'),
  ]);
  t.deepEqual(pong(server, challenge, { admitted: true, hostname: 'compute01', salt }), [
    'PONG',
    true,
    '',
    'control01',
    digest(salt, 'control01', nonce, 'key'),
  ]);
});

test('messages of another kind are no handshake', (t) => {
  t.is(readHelo(sent(['PING', {}])), null);
  t.is(readHelo(sent(['HELO', 'x'])), null);
  t.throws(() => readHandshake(Buffer.from([0x01])));
  for (const message of [[], ['PING'], ['PING', 'h', 's'], ['HELO', 'a', 'b', 'c'], ['PING', 1, {}, null]]) {
    t.false(judgePing(server, newChallenge(true), sent(message)).admitted);
    t.not(pongProblem(client, newChallenge(true), Buffer.alloc(16), sent(message)), null);
  }
});
