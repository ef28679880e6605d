import type { FileHandle } from 'node:fs/promises';

/** The end of a torn line is looked for in so many bytes before the end. */
const TAIL_BYTES = 4_194_304;
const BLOCK_BYTES = 1_048_576;
const NEWLINE = 10;
const QUOTE = 34;

/** Up to where a file consists of whole lines; undefined if the unfinished last line is too long to look for its start. */
export async function wholeLines(handle: FileHandle, size: number): Promise<number | undefined> {
  const from = Math.max(0, size - TAIL_BYTES);
  const newline = (await readAt(handle, from, size - from)).lastIndexOf(NEWLINE);
  if (newline === -1 && from > 0) return undefined;
  return from + newline + 1;
}

/** True if a file starts with this header and consists of whole rows. */
export async function isWholeCsv(handle: FileHandle, size: number, header: Buffer): Promise<boolean> {
  if (size < header.length || !(await readAt(handle, 0, header.length)).equals(header)) return false;
  if ((await readAt(handle, size - 1, 1))[0] !== NEWLINE) return false;
  // A row may be torn after a newline within quotes, such as in a stack trace. Whole rows have an even number of quotes.
  let quotes = 0;
  for (let from = 0; from < size; from += BLOCK_BYTES) {
    const block = await readAt(handle, from, Math.min(BLOCK_BYTES, size - from));
    for (let at = block.indexOf(QUOTE); at !== -1; at = block.indexOf(QUOTE, at + 1)) quotes++;
  }
  return quotes % 2 === 0;
}

/** So many bytes from a position on; fewer only if the file ends before. */
async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
