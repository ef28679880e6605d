import { createHash } from 'node:crypto';

/** So many bytes at the start of a file tell it from others. */
export const HEAD_BYTES = 1_024;

/** A hash of the first `length` bytes of a content. It stays true while the content grows, and is replaced by one of more bytes as it does. */
export interface Fingerprint {
  readonly length: number;
  readonly hash: string;
}

/** The fingerprint of a content that starts with `head`, which is at most {@link HEAD_BYTES} long. */
export function fingerprintOf(head: Uint8Array, length = head.length): Fingerprint {
  return { length, hash: createHash('sha256').update(head.subarray(0, length)).digest('hex').slice(0, 32) };
}

/** True if a content that starts with `head` is the one of which the fingerprint was taken, perhaps grown since. Nothing is known of an empty one. */
export function fits(fingerprint: Fingerprint, head: Uint8Array): boolean {
  if (fingerprint.length === 0 || head.length < fingerprint.length) return false;
  return fingerprintOf(head, fingerprint.length).hash === fingerprint.hash;
}

/** True if one of the two is the start of the other. */
export function startsAlike(a: Uint8Array, b: Uint8Array): boolean {
  const length = Math.min(a.length, b.length);
  return Buffer.compare(a.subarray(0, length), b.subarray(0, length)) === 0;
}
