import { seeded } from '../../../src/training/random.js';

/** What a {@link FaultProxy} does with one request. */
export type Fault =
  | { readonly kind: 'pass' }
  /** Cuts the connection: before the server has heard of it, or after the server has done it. */
  | { readonly kind: 'reset'; readonly when: 'before' | 'after' }
  /** Passes it so many milliseconds late. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Answers so without asking the server. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterSeconds?: number }
  /** The server does it; half of its answer arrives, then the connection is cut. */
  | { readonly kind: 'half' }
  /** The server does it; what arrives is 200 and no JSON. */
  | { readonly kind: 'garbage' }
  /** 200 and an answer without end; the server is not asked. */
  | { readonly kind: 'endless' }
  /** The server gets a bulk without the items that this picks by their position; they are answered with this status, 429 by default. */
  | { readonly kind: 'items'; readonly pick: (position: number) => boolean; readonly status?: number };

/** What a fault can be decided by. */
export interface ProxiedRequest {
  /** How many came before it. */
  readonly number: number;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Uncompressed. */
  readonly body: string;
}

export type Decide = (request: ProxiedRequest) => Fault;

/**
 * Every fault but `endless` and 413, each as often, for this share (0 to 1) of the bulks; everything else passes.
 * @param seed decides which request gets what, by their order.
 */
export function seededFaults(seed: number, share = 0.2): Decide {
  const random = seeded(seed);
  const makers: readonly (() => Fault)[] = [
    () => ({ kind: 'reset', when: 'before' }),
    () => ({ kind: 'reset', when: 'after' }),
    () => ({ kind: 'delay', ms: Math.floor(random() * 200) }),
    () => ({ kind: 'status', status: 429 }),
    () => ({ kind: 'status', status: 429, retryAfterSeconds: 1 }),
    () => ({ kind: 'status', status: 503 }),
    () => ({ kind: 'status', status: 401 }),
    () => ({ kind: 'half' }),
    () => ({ kind: 'garbage' }),
    () => {
      const picks = seeded(random() * 2 ** 31);
      return { kind: 'items', pick: () => picks() < 0.3 };
    },
  ];
  return ({ path }) => {
    if (!isBulk(path) || random() >= share) return { kind: 'pass' };
    return makers[Math.floor(random() * makers.length)]?.() ?? { kind: 'pass' };
  };
}

export function isBulk(path: string): boolean {
  return /^(?:\/[^/?]+)?\/_bulk(?:$|\?)/.test(path);
}

/** A fault by the word under which it is counted. */
export function kindOf(fault: Fault): string {
  if (fault.kind === 'reset') return `reset ${fault.when}`;
  if (fault.kind !== 'status') return fault.kind;
  return `status ${fault.status}${fault.retryAfterSeconds === undefined ? '' : ' with retry-after'}`;
}
