import { z } from 'zod';
import { bertSchema, memorySchema } from '../config/schema.js';
import { builtInPlugins } from '../plugin/registry.js';
import { llmSchema } from '../stages/llm/config.js';
import type { CommandBody } from './lazy-command.js';
import { endWithReader } from './writing.js';

/** What `classify` has keys for. */
const STAGES = { bert: bertSchema, llm: llmSchema, memory: memorySchema };

export const list: CommandBody<{ keys: boolean }> = {
  builder: (yargs) => yargs.option('keys', { type: 'boolean', default: false, describe: 'with the keys of each' }),
  handler: async ({ keys }) => {
    endWithReader();
    for (const plugin of await builtInPlugins()) {
      process.stdout.write(`${plugin.kind.padEnd(7)} ${plugin.type.padEnd(13)} ${plugin.summary}\n`);
      if (keys) process.stdout.write(`${keyTable(plugin.config)}\n`);
    }
    for (const [name, schema] of Object.entries(STAGES)) {
      process.stdout.write(`${'stage'.padEnd(7)} ${name.padEnd(13)} ${schema.description ?? ''}\n`);
      if (keys) process.stdout.write(`${keyTable(schema)}\n`);
    }
  },
};

/** One line a key: name, default, description; made from the schema, so that it cannot be out of date. */
function keyTable(config: z.ZodType): string {
  const schema = z.toJSONSchema(config, { io: 'input', unrepresentable: 'any' });
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {})
    .map(([key, property]) => {
      const { default: fallback, description } = property as { default?: unknown; description?: string };
      const value = required.has(key) ? 'required' : fallback === undefined ? 'optional' : JSON.stringify(fallback);
      return `          ${key.padEnd(24)} ${value.padEnd(12)} ${description ?? ''}`;
    })
    .join('\n');
}
