/** What a sent message has to be as a record. */
export interface Told {
  readonly host: string;
  readonly program: string;
  readonly level: string;
  readonly label: string;
  readonly time: string;
  /** First and last line of its traceback. */
  readonly traced?: readonly [string, string];
}

const HEAD = '[None req-3f1f0a62-6a8b-4a52-b1a5-96c2b0b1f0aa - - - - -]';
const INNER = '2026-03-02 09:11:12.345';
const LOST = 'nova.exception.PortBindingFailed: Binding failed for port';
const instance = (n: number): string => `[instance: 00000000-0000-4000-8000-${String(n).padStart(12, '0')}]`;

/** A traceback as oslo.log gives it to syslog: one message, with newlines and a tab in it. */
export function traceback(n: number): string {
  const prefix = `${INNER} 7 ERROR nova.compute.manager`;
  return [
    `${prefix} ${HEAD} ${instance(n)} Instance failed to spawn: ${LOST}`,
    `${prefix} ${instance(n)} Traceback (most recent call last):`,
    `${prefix} ${instance(n)}   File "/nova/compute/manager.py", line 2871, in _build_resources`,
    `${prefix} ${instance(n)} \tspawn()`,
    `${prefix} ${instance(n)} ${LOST}`,
  ].join('\n');
}

/** A message with its number in it, as its program gives it to syslog in the form of RFC 5424; three programs on three nodes. */
export function message(n: number): string {
  if (n % 50 === 0) return `<131>1 2026-03-02T10:11:12.345678+01:00 node2 nova-compute 77 - - ${traceback(n)}`;
  // The kernel says how grave it is in the priority alone.
  if (n % 2 === 0)
    return `<4>1 2026-03-02T10:11:12.987654+01:00 node3 kernel - - - Out of memory: Killed process ${n} (qemu-system-x86) total-vm:8388608kB`;
  return `<134>1 2026-03-02T10:11:12.345678+01:00 node1 nova-compute 77 - [x@32473 n="${n}"] ${built(n)}`;
}

/** As {@link message}, in the older form. */
export function oldMessage(n: number): string {
  return `<134>Mar  2 10:11:12 node1 nova-compute[77]: ${built(n)}`;
}

function built(n: number): string {
  return `${INNER} 7 INFO nova.compute.manager ${HEAD} ${instance(n)} Took 20.10 seconds to build instance.`;
}

/** What {@link message} and {@link oldMessage} of this number have to become. */
export function toldBy(n: number): Told {
  const nova = { program: 'nova-compute', time: '2026-03-02T09:11:12.345Z' };
  if (n % 50 === 0)
    return {
      ...nova,
      host: 'node2',
      level: 'ERROR',
      label: 'instance.failure',
      traced: ['Traceback (most recent call last):', LOST],
    };
  if (n % 2 === 0)
    return {
      host: 'node3',
      program: 'kernel',
      level: 'WARNING',
      label: 'capacity.shortage',
      time: '2026-03-02T09:11:12.987Z',
    };
  return { ...nova, host: 'node1', level: 'INFO', label: 'instance.lifecycle' };
}

/** The number in a line or message, which stands in an instance's id or is that of a process; null for what was not sent by the test. */
export function numberIn(text: string): number | null {
  const found = /00000000-0000-4000-8000-(\d{12})|Killed process (\d+) /.exec(text);
  return found === null ? null : Number(found[1] ?? found[2]);
}
