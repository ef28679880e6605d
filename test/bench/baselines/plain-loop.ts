// The least that a Node.js program can do for the same result: split, header by regular expression, rules as one alternation, JSON by hand.
// It has no decoders beside oslo's, no joins, no checkpoint, no fsync, no backpressure but the stream's own. Usage: plain-loop INPUT OUTPUT
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { BENCH_RULES } from './rules.js';

const [, , inputPath = '', outputPath = ''] = process.argv;
const HEADER = /^(\S+ \S+) (\d+) (\w+) (\S+) \[([^\]]*)\] (?:\[instance: ([^\]]+)\] )?(.*)$/;
const RULES = new RegExp(BENCH_RULES.map(({ text }) => `(${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')})`).join('|'));

const input = openSync(inputPath, 'r');
const output = openSync(outputPath, 'w');
const block = Buffer.alloc(1_048_576);
let rest = '';
let out = '';
for (let size = readSync(input, block); size > 0; size = readSync(input, block)) {
  const lines = (rest + block.toString('latin1', 0, size)).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) handle(line);
  writeSync(output, out);
  out = '';
}
if (rest !== '') handle(rest);
writeSync(output, out);
closeSync(input);
closeSync(output);

function handle(line: string): void {
  const header = HEADER.exec(line);
  if (header === null) {
    out += `{"message":${JSON.stringify(line)}}\n`;
    return;
  }
  const [, time, pid, level, logger, context, instance, message = ''] = header;
  const rule = RULES.exec(message);
  const label = rule === null ? 'unclassified' : BENCH_RULES[rule.indexOf(rule[0], 1) - 1]?.label;
  out += `{"@timestamp":"${time?.replace(' ', 'T')}Z","level":"${level}","logger":"${logger}","pid":${pid},"context":"${context}","instance":"${instance ?? ''}","label":"${label}","message":${JSON.stringify(message)}}\n`;
}
