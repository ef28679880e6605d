import { hostname } from 'node:os';
import type { CommandModule } from 'yargs';
import { Joiner } from '../record/joiner.js';
import { EcsEncoder } from '../record/profiles/ecs.js';
import type { LogRecord } from '../record/record.js';
import type { Source } from '../record/source.js';
import { Cascade } from '../stages/cascade.js';
import { RuleEngine } from '../stages/rules/engine.js';
import { loadRules, packFile } from '../stages/rules/load.js';
import { loadTaxonomy } from '../stages/taxonomy.js';
import { requireTimezone } from './record-command.js';
import { endWithReader } from './writing.js';

interface ExplainArguments {
  line: string | undefined;
  rules: string[];
  timezone: string;
}

export const explain: CommandModule<object, ExplainArguments> = {
  command: 'explain [line]',
  describe: 'Shows the way of a record: what was decoded, which rules came into question, and which one won',
  builder: (yargs) =>
    yargs
      .positional('line', { type: 'string', describe: 'a log line; standard input where it is absent, so that it may have several lines' })
      .option('rules', {
        type: 'string',
        array: true,
        default: [] as string[],
        describe: 'rule files of yours; they win over the openstack pack',
      })
      .option('timezone', { type: 'string', default: 'Etc/UTC', describe: 'IANA zone of timestamps that name none' })
      .check(({ timezone }) => requireTimezone(timezone)),
  handler: async ({ line, rules: files, timezone }) => {
    endWithReader();
    const taxonomy = loadTaxonomy();
    const rules = loadRules([...files, packFile('openstack')], taxonomy);
    const engine = new RuleEngine(rules.map((rule) => rule.compiled));
    const places = new Map(rules.map(({ rule, file, line }) => [rule.id, `${file}:${line()}`]));
    const cascade = new Cascade(taxonomy, engine);
    const encoder = new EcsEncoder();
    for (const record of decode(line ?? (await standardInput()), timezone)) {
      const { tried, winner } = engine.explain(record);
      cascade.classify([record]);
      const label = taxonomy.labels.get(record.label);
      process.stdout.write(`${printable(JSON.stringify(JSON.parse(encoder.encode(record)), null, 2))}\n\n`);
      process.stdout.write(`rules in question: ${tried.length === 0 ? 'none' : ''}\n`);
      for (const rule of tried)
        process.stdout.write(`  ${rule === winner ? 'won  ' : 'tried'} ${rule.id} → ${rule.label} (${places.get(rule.id) ?? ''})\n`);
      process.stdout.write(`label: ${record.label}${label === undefined ? '' : ` (${label.summary})`}\n\n`);
    }
  },
};

/** JSON escapes only C0 controls; others, and marks that turn the direction of writing, would steer the terminal just as well. */
function printable(json: string): string {
  const code = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return json.replace(/[\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, code);
}

function decode(text: string, timezone: string): LogRecord[] {
  const source: Source = { id: 'explain', input: 'command', name: 'explain', program: '', host: hostname(), timezone, format: 'auto' };
  const joiner = new Joiner(source, { maxLines: 1000, maxBytes: 1_048_576 });
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const records = joiner.feed({ source, lines, offsets: lines.map((_, i) => i), end: lines.length, bytes: text.length });
  return [...records, ...joiner.flush()];
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
