/**
 * The same text in memory of its own. A piece of a line is a view into the block that was read: whoever keeps it for long keeps all of that block.
 */
export function detached(text: string): string {
  const copy = Buffer.from(text, 'utf8').toString('utf8');
  // Half a surrogate pair does not survive UTF-8; such text is rare enough to be kept as it is.
  return copy === text ? copy : text;
}
