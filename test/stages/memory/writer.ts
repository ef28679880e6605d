import { templateId } from '../../../src/stages/memory/entry.js';
import { MemoryStore } from '../../../src/stages/memory/store.js';
import { LogKept } from '../bert/tiny.js';
import { entryOf } from './entries.js';

// Writes for ever, and says a dot for every hundred entries; the test kills it.
const [path = '', round = '0'] = process.argv.slice(2);
const store = MemoryStore.open(path, { maxEntries: 1_000_000, maxBytes: 1 << 30 }, new LogKept());
for (let n = Number(round) * 1_000_000; ; n += 100) {
  await store.put(Array.from({ length: 100 }, (_, i) => entryOf(n + i)).map((entry) => [templateId(entry), entry] as const));
  process.stdout.write('.');
}
