import { parentPort, workerData } from 'node:worker_threads';
import { type Change, type Lmdb, type LmdbPlace, openLmdb, writeTogether } from './lmdb.js';

// The thread that waits for the disk. Each answer is null, or why nothing was written; null as a message ends it.
let db: Lmdb | null = null;
parentPort?.on('message', (changes: readonly Change[] | null) => {
  if (changes === null) {
    void (db?.close() ?? Promise.resolve()).finally(() => parentPort?.close());
    return;
  }
  let reason: string | null = null;
  try {
    db ??= openLmdb(workerData as LmdbPlace);
    writeTogether(db, changes);
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  parentPort?.postMessage(reason);
});
