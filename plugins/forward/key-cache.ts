const SLOTS = 512;
const LONGEST = 32;

/**
 * The names of fields, of which a log has few, so that each is made once and not for every record. Bounded, whatever names are sent: a name takes the
 * place of another in its slot.
 */
export class KeyCache {
  readonly #slots: string[] = Array(SLOTS).fill('');

  /** The text of these bytes, which lie within the memory; null where it is not plain ASCII, empty, or long. */
  at(bytes: Buffer, from: number, length: number): string | null {
    if (length === 0 || length > LONGEST) return null;
    let hash = length;
    let all = 0;
    for (let i = from; i < from + length; i++) {
      const byte = bytes[i] ?? 0;
      all |= byte;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (all >= 128) return null;
    const slot = hash & (SLOTS - 1);
    const known = this.#slots[slot] ?? '';
    if (isAt(known, bytes, from, length)) return known;
    const made = bytes.toString('latin1', from, from + length);
    this.#slots[slot] = made;
    return made;
  }
}

function isAt(text: string, bytes: Buffer, from: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== bytes[from + i]) return false;
  return true;
}
