import { templateId } from '../../../src/stages/memory/entry.js';
import { MemoryStore } from '../../../src/stages/memory/store.js';
import { LogKept } from '../bert/tiny.js';
import { entryOf } from './entries.js';

// Its files may not grow beyond what the test allows. Says how many writes failed, why the last did, and what is there after all.
const [path = ''] = process.argv.slice(2);
const store = MemoryStore.open(path, { maxEntries: 1_000_000, maxBytes: 1 << 28 }, new LogKept());
let failed = 0;
let reason = '';
for (let n = 0; n < 20_000; n += 100) {
  try {
    await store.put(Array.from({ length: 100 }, (_, i) => entryOf(n + i)).map((entry) => [templateId(entry), entry] as const));
  } catch (error) {
    failed++;
    reason = String(error);
  }
}
process.stdout.write(JSON.stringify({ failed, reason, size: store.size, read: [...store.entries()].length }));
await store.close();
