// Makes models/llm/examples.bin: what the shipped encoder makes of the examples of the shipped rules, so that an agent need not read them again.
// Usage: node dist/models/llm/examples.js [OUTPUT]. After a change of rules or model.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bertConfig } from '../../src/config/load.js';
import { bertSchema } from '../../src/config/schema.js';
import { MODELS_DIR } from '../../src/paths.js';
import { readModelFolder } from '../../src/stages/bert/model-folder.js';
import { BertStage } from '../../src/stages/bert/stage.js';
import { encodeVectors } from '../../src/stages/llm/vectors.js';
import { labelledExamples } from '../../src/stages/rules/labelled-examples.js';
import { loadRules, packFile } from '../../src/stages/rules/load.js';
import { loadTaxonomy } from '../../src/stages/taxonomy.js';

const config = bertConfig(bertSchema.parse({}));
if (config === null) throw new Error('the model that comes with trilog is not there');
const taxonomy = loadTaxonomy();
const log = { debug: () => {}, info: () => {}, warn: console.error, error: console.error };
const bert = new BertStage(readModelFolder(config.path, taxonomy), config, log, true);
await bert.open();
const vectors = new Map<string, Float32Array>();
for (const { text } of labelledExamples(loadRules([packFile('openstack')], taxonomy))) {
  const vector = await bert.embed(text);
  if (vector !== null) vectors.set(text, vector);
}
await bert.close();
const bytes = encodeVectors(bert.id, vectors);
writeFileSync(process.argv[2] ?? join(MODELS_DIR, 'llm', 'examples.bin'), bytes);
console.log(`${vectors.size} vectors of ${bert.id}, ${bytes.length} bytes`);
