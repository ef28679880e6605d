import { open, type RootDatabase } from 'lmdb';

export type Lmdb = RootDatabase<Buffer, Buffer>;

/** Where a store lies, and how many addresses LMDB sets aside for it, in bytes. */
export interface LmdbPlace {
  readonly folder: string;
  readonly mapSize: number;
}

/** What is to stand under a key; null for nothing. */
export type Change = readonly [key: Uint8Array, value: Uint8Array | null];

/** @throws what LMDB says. */
export function openLmdb({ folder: path, mapSize }: LmdbPlace): Lmdb {
  return open<Buffer, Buffer>({ path, noSubdir: false, encoding: 'binary', keyEncoding: 'binary', mapSize, cache: false });
}

/** All or nothing, on the disk when it returns. @throws what LMDB says; the store is as it was. */
export function writeTogether(db: Lmdb, changes: readonly Change[]): void {
  db.transactionSync(() => {
    for (const [key, value] of changes) {
      if (value === null) db.removeSync(Buffer.from(key));
      else db.putSync(Buffer.from(key), Buffer.from(value));
    }
  });
}
