import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Engine } from '../../../plugins/outputs/search/client.js';
import { mappingOf } from '../../../plugins/outputs/search/mappings.js';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { ask, count, everyDocument } from './every-document.js';
import { FaultProxy } from './fault-proxy.js';
import { seededFaults } from './faults.js';
import { SearchServer } from './search-server.js';
import { templateOf } from './template.js';

const NAME = 'logs-openstack.classified-default';
/** One record in so many has a term that is longer than the server takes. */
const REFUSED_EVERY = 20_000;
const LONG_WORD = 'x'.repeat(33_000);
/** Without anything new for so long, the storm is given up. */
const STILL_MS = 180_000;

test('a million records, each stored once or accounted for: OpenSearch and the agent killed, a proxy that fails', (t) =>
  storm(t, 'opensearch', 1_000_000));
test('the same with Elasticsearch and a tenth of the records', (t) => storm(t, 'elasticsearch', 100_000));

/**
 * Lets agents, one after the other, send numbered lines through a proxy that fails. At shares of the way an agent or the server is killed. In the end every
 * number is in one document, or in the dead letters where the server refuses it.
 */
async function storm(t: ExecutionContext, engine: Engine, lines: number): Promise<void> {
  t.timeout(1_500_000);
  const folder = mkdtempSync(join(tmpdir(), 'trilog-storm-'));
  const server = await SearchServer.start({ engine });
  const proxy = await FaultProxy.start({ target: server.url, decide: seededFaults(7, 0.3) });
  let agent: ChildProcess | null = null;
  try {
    await writeLines(join(folder, 'nova-compute.log'), lines);
    await ask(server, 'PUT', '/_index_template/storm', template(engine));
    const config = writeConfig(folder, engine, proxy.url);
    const plan = [0.1, 0.25, 0.4, 0.6, 0.8].map((at) => ({ at, kill: 'agent' })).concat([0.3, 0.7].map((at) => ({ at, kill: 'server' }))); // biome-ignore format: a table
    plan.sort((a, b) => a.at - b.at);
    agent = start(config);
    const began = performance.now();
    let [stored, moved] = [0, performance.now()];
    while (stored + deadLetters(folder).size < lines) {
      await pause(500);
      const now = await count(server, NAME);
      if (now > stored) moved = performance.now();
      if (performance.now() - moved > STILL_MS) break;
      stored = now;
      const next = plan[0];
      if (next === undefined || stored < next.at * lines) continue;
      plan.shift();
      if (next.kill === 'server') {
        await server.kill();
        // The agent meets a server that is not there, and one that has just started.
        await pause(2000);
        await server.start();
      } else {
        agent.kill('SIGKILL');
        await once(agent, 'exit');
        agent = start(config);
      }
    }
    const seconds = (performance.now() - began) / 1000;
    agent.kill('SIGTERM');
    t.is((await once(agent, 'exit'))[0], 0);
    t.deepEqual(plan, [], 'everybody was killed as planned');

    const dead = deadLetters(folder);
    const seen = new Uint8Array(lines);
    let strangers = 0;
    for await (const { id, source } of everyDocument(server, NAME, ['message', 'event.id'])) {
      const { message, event } = source as { message: string; event: { id: string } };
      const number = numberIn(message);
      seen[number] = (seen[number] ?? 0) + 1;
      if (id !== event.id) strangers++;
    }
    const missing = [...seen.keys()].filter((number) => seen[number] === 0 && !dead.has(number));
    const twice = [...seen.keys()].filter((number) => (seen[number] ?? 0) > 1 || (seen[number] === 1 && dead.has(number)));
    const faults = Object.fromEntries(proxy.counts);
    t.log(`${engine} ${server.version}: ${lines} records in ${seconds.toFixed(0)} s, ${stored} indexed, ${dead.size} dead letters`);
    t.log(`faults: ${JSON.stringify(faults)}`);
    t.deepEqual(missing.slice(0, 10), []);
    t.deepEqual(twice.slice(0, 10), []);
    t.is(strangers, 0);
    t.deepEqual(
      [...dead.keys()].sort((a, b) => a - b),
      refusedNumbers(lines),
    );
    for (const reason of dead.values()) t.regex(reason, /^400 .*(immense|32766)/);
    t.true(Object.keys(faults).length > 8, 'the proxy did fail in many ways');
  } finally {
    agent?.kill('SIGKILL');
    await proxy.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function refusedNumbers(lines: number): number[] {
  return Array.from({ length: Math.ceil(lines / REFUSED_EVERY) }, (_, i) => i * REFUSED_EVERY);
}

async function writeLines(path: string, lines: number): Promise<void> {
  const stream = createWriteStream(path);
  for (let number = 0; number < lines; number++) {
    const ms = String(number % 1000).padStart(3, '0');
    const word = number % REFUSED_EVERY === 0 ? ` ${LONG_WORD}` : '';
    const line = `2026-03-02 10:11:12.${ms} 7 INFO nova.compute.manager [-] Took 2.10 seconds to build instance. #${number}${word}\n`;
    if (!stream.write(line)) await once(stream, 'drain');
  }
  stream.end();
  await finished(stream);
}

function numberIn(message: string): number {
  return Number(/#(\d+)/.exec(message)?.[1]);
}

/** As trilog installs it, but that a message is one term. */
function template(engine: Engine): object {
  const mappings = mappingOf('ecs', engine) as { properties: object };
  const properties = { ...mappings.properties, message: { type: 'keyword' } };
  return templateOf(engine, NAME, { ...mappings, properties }, 'data stream');
}

function writeConfig(folder: string, engine: Engine, url: string): string {
  const config = join(folder, 'trilog.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      data_dir: join(folder, 'data'),
      inputs: { log: { type: 'file', include: [join(folder, '*.log')], read_from: 'beginning', checkpoint_interval_ms: 100 } },
      outputs: { search: { type: engine, nodes: [url], bulk_bytes: 1_048_576, request_timeout_ms: 20_000 } },
      classify: { known: false, bert: false },
      log: { level: 'error' },
    }),
  );
  return config;
}

function start(config: string): ChildProcess {
  return spawn(process.execPath, [join(PACKAGE_ROOT, 'dist/src/main.js'), 'run', '-c', config], { stdio: ['ignore', 'ignore', 'ignore'] });
}

/** The reasons by number. */
function deadLetters(folder: string): Map<number, string> {
  const data = join(folder, 'data');
  let names: string[] = [];
  try {
    names = readdirSync(data).filter((name) => name.startsWith('dead-letters.ndjson'));
  } catch {
    // The agent has not made it yet.
  }
  const lines = names.flatMap((name) => readFileSync(join(data, name), 'utf8').split('\n'));
  const letters = lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as { reason: string; record: { message: string } }];
    } catch {
      return [];
    }
  });
  return new Map(letters.map(({ reason, record }) => [numberIn(record.message), reason]));
}
