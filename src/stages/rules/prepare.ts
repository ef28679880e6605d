// Part of the build: reads the packs that come with trilog, once for all starts.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODELS_DIR } from '../../paths.js';
import { YamlFile } from '../../yaml/document.js';
import { prepareRules } from './prepared.js';
import { rulePackSchema } from './schema.js';

const folder = join(MODELS_DIR, 'rules');
for (const name of readdirSync(folder).filter((each) => each.endsWith('.yaml'))) {
  const file = join(folder, name);
  const text = readFileSync(file, 'utf8');
  const parsed = rulePackSchema.safeParse(new YamlFile(file, text).value);
  // A pack with errors is told of by whoever loads it.
  if (parsed.success) prepareRules(file, text, parsed.data.rules);
}
