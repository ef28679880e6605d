import { z } from 'zod';

/** The port that Fluentd and Fluent Bit listen on. */
export const DEFAULT_PORT = 24_224;

/** Where to listen or to connect to. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, or a host alone; an IPv6 address in brackets. */
export const address = z
  .string()
  .regex(/^(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(:[0-9]{1,5})?$/, 'host:port, an IPv6 address in brackets')
  .refine((text) => addressOf(text).port <= 65_535, 'a port of at most 65535');

export function addressOf(text: string): Address {
  const colon = text.lastIndexOf(':');
  if (colon < 0 || text.endsWith(']')) return { host: bare(text), port: DEFAULT_PORT };
  return { host: bare(text.slice(0, colon)), port: Number(text.slice(colon + 1)) };
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
