/** What is wrong: `kind` for a decision, `text` for a person. */
export interface Fault {
  readonly kind:
    | 'unreachable'
    | 'hangs_up'
    | 'tls'
    | 'credentials'
    | 'topic_missing'
    | 'unauthorized'
    | 'too_large'
    | 'invalid'
    | 'fenced'
    | 'fatal'
    | 'queue_full'
    | 'other';
  readonly text: string;
}

/**
 * What librdkafka says (err2str of rdkafka.c, and the lines of its log), in lower case, and what that means; the first that occurs counts, and the more
 * telling ones come first. node-rdkafka gives a delivery report the words alone, without the code and the part before the colon.
 */
const MEANINGS: readonly (readonly [said: readonly string[], kind: Fault['kind'], text: string])[] = [
  [
    ['sasl authentication error', 'authentication failure', 'sasl authentication failed', 'sasl handshake failed'],
    'credentials',
    'the broker refuses the credentials: check `sasl` (mechanism, user, password)',
  ],
  [['unsupported sasl mechanism'], 'credentials', 'the broker does not offer this `sasl.mechanism`'],
  [
    ['broker certificate could not be verified', 'certificate verify failed'],
    'tls',
    'the certificate of the broker is not trusted: check `tls.ca_file`, and that `brokers` has the names of the certificate',
  ],
  [
    ['ssl handshake failed', 'ssl error', 'ssl transport error'],
    'tls',
    'TLS cannot be agreed on with the broker: check `tls`, and that the port is one with TLS',
  ],
  // Another listener answers the first request by closing: "Disconnected … (after 2ms in state APIVERSION_QUERY)".
  [
    ['in state apiversion_query', 'might be misconfigured security.protocol'],
    'hangs_up',
    'the broker hangs up at once: its port may be one with TLS or SASL while `tls` or `sasl` are not set, or the other way round',
  ],
  [['authorization failed'], 'unauthorized', 'the broker does not permit it to this user: check the access rules'],
  [
    ['unknown topic or partition', 'unknown topic', 'unknown partition', 'invalid topic', 'unknown_topic'],
    'topic_missing',
    'the topic is not there',
  ],
  [
    ['message size too large', 'record list too large', 'message batch larger'],
    'too_large',
    'the message is larger than the broker or the topic takes',
  ],
  [
    ['broker failed to validate record', 'invalid record', 'invalid timestamp', 'compacted topic cannot accept'],
    'invalid',
    'the broker does not take such a message, as where a compacted topic wants keys or the time is out of its bounds',
  ],
  [
    ['static consumer fenced', 'group.instance.id'],
    'fenced',
    'another member has the same `instance_id`: each agent needs its own, and no copy of the `data_dir` of another',
  ],
  [['queue full'], 'queue_full', 'the queue of the producer is full'],
  [
    ['fenced by a newer instance', 'fenced by newer producer', 'producer fenced', 'with an old epoch'],
    'fatal',
    'another producer has the same transactional.id: a second agent runs with this `instance_id` or a copy of this `data_dir`, or this process stood still for longer than `transaction_timeout_ms`',
  ],
  [
    ['fatal error', 'out of order sequence number', 'gap-less ordering', 'unknown producer id'],
    'fatal',
    'the client cannot go on in order',
  ],
  [
    [
      'broker transport failure',
      'all broker connections are down',
      'connection refused',
      'host resolution failure',
      'failed to resolve',
      'connect to ',
      'timed out',
      'disconnected',
      'not connected',
      'no route to host',
      'network is unreachable',
    ],
    'unreachable',
    'no broker can be reached: check `brokers`, and that they run',
  ],
];

/** Of what a broker says, so much is told, in characters. */
const MAX_SAID = 500;

/** What librdkafka said, in words. @param said an error's message or a line of its log. */
export function inWords(said: string): Fault {
  const found = MEANINGS[rowOf(said)];
  if (found === undefined) return { kind: 'other', text: brief(said) };
  const [, kind, text] = found;
  return { kind, text: `${text} (${brief(said)})` };
}

/** Which of the meanings it has; their number where none. */
function rowOf(said: string): number {
  const lower = said.toLowerCase();
  const row = MEANINGS.findIndex(([marks]) => marks.some((mark) => lower.includes(mark)));
  return row < 0 ? MEANINGS.length : row;
}

/** A line of its log begins with the thread, in brackets, and then says the address again. */
function brief(said: string): string {
  const end = said.startsWith('[thrd:') ? said.indexOf(']: ') : -1;
  return (end < 0 ? said : said.slice(end + 3)).slice(0, MAX_SAID).trim();
}

/** How much a kind says where several things were said of one failure: that a broker cannot be reached is what follows of all others. */
const TELLING: Readonly<Record<Fault['kind'], number>> = {
  unreachable: 1,
  hangs_up: 2,
  other: 0,
  queue_full: 0,
  too_large: 2,
  invalid: 2,
  fenced: 3,
  fatal: 2,
  topic_missing: 2,
  unauthorized: 3,
  tls: 3,
  credentials: 3,
};

/** What of all that was said is worth telling: the most telling; of equals the one whose meaning comes first, of those the last. */
export function reasonOf(said: readonly string[]): Fault | null {
  let best: { readonly fault: Fault; readonly row: number } | null = null;
  for (const text of said) {
    const [fault, row] = [inWords(text), rowOf(text)];
    const more = best === null ? 1 : TELLING[fault.kind] - TELLING[best.fault.kind];
    if (best === null || more > 0 || (more === 0 && row <= best.row)) best = { fault, row };
  }
  return best?.fault ?? null;
}
