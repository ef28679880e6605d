import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Measured, measure } from '../process.js';
import { BENCH_RULES } from './rules.js';

/** Past this something is wrong. */
const LONGEST_MS = 300_000;

/**
 * rsyslog with mmnormalize: the same header and fifty rules, NDJSON out. Resolves when the output has stopped growing.
 */
export async function runRsyslog(input: string, folder: string, cores: string): Promise<Measured> {
  const output = join(folder, 'rsyslog.ndjson');
  // A folder of its own, and a new one: rsyslog remembers how far it has read.
  const state = join(folder, 'rsyslog');
  rmSync(state, { recursive: true, force: true });
  mkdirSync(state);
  writeFileSync(join(state, 'rules.rb'), ruleBase());
  writeFileSync(join(state, 'rsyslog.conf'), configuration(input, state, output));
  writeFileSync(output, '');
  const quietMs = 2000;
  let size = 0;
  let grewAt = performance.now();
  const started = performance.now();
  const command = ['rsyslogd', '-n', '-f', join(state, 'rsyslog.conf'), '-i', join(state, 'rsyslog.pid')];
  const measured = await measure(command, cores, () => {
    const now = statSync(output).size;
    if (now !== size) {
      size = now;
      grewAt = performance.now();
    }
    if (performance.now() - started > LONGEST_MS) throw new Error('rsyslog wrote nothing more');
    return size > 0 && performance.now() - grewAt > quietMs;
  });
  return { ...measured, seconds: (grewAt - started) / 1000 };
}

function ruleBase(): string {
  const header = '%date:word% %time:word% %pid:word% %level:word% %logger:word% [%context:char-to:]%]';
  const bodies = BENCH_RULES.flatMap(({ label, normal }) => [
    `rule=${label}:${header} ${normal}%after:rest%`,
    `rule=${label}:${header} [instance: %instance:char-to:]%] ${normal}%after:rest%`,
  ]);
  return ['version=2', ...bodies, ''].join('\n');
}

function configuration(input: string, folder: string, output: string): string {
  return `
module(load="imfile" mode="inotify")
module(load="mmnormalize")
global(workDirectory="${folder}")
main_queue(queue.type="LinkedList" queue.size="100000" queue.workerThreads="1" queue.dequeueBatchSize="1000")
template(name="out" type="list") { property(name="$!all-json") constant(value="\\n") }
ruleset(name="r") {
  action(type="mmnormalize" rulebase="${join(folder, 'rules.rb')}" useRawMsg="on")
  action(type="omfile" file="${output}" template="out" asyncWriting="on" flushOnTXEnd="off" ioBufferSize="256k")
}
input(type="imfile" file="${input}" tag="bench" ruleset="r" needParse="off")
`;
}
