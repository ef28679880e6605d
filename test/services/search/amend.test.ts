import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Engine, ProfileName } from '../../../plugins/outputs/search/client.js';
import { mappingOf } from '../../../plugins/outputs/search/mappings.js';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { ScriptedServer } from '../../stages/llm/scripted-server.js';
import { ask, count, everyDocument } from './every-document.js';
import { SearchServer } from './search-server.js';
import { templateOf } from './template.js';

const RECORDS = 2500;
const WAIT_MS = 60_000;

for (const [engine, profile, name, kind] of [
  ['opensearch', 'ecs', 'logs-openstack.classified-default', 'data stream'],
  ['opensearch', 'kolla', 'flog-2026.03.02', 'index'],
  ['elasticsearch', 'ecs', 'logs-openstack.classified-default', 'data stream'],
] as const)
  test(`${engine}: what was sent unclassified to ${kind === 'index' ? 'a dated index' : 'a data stream'} has the label that the language model finds later`, (t) =>
    amends(t, engine, profile, name, kind));

async function amends(
  t: ExecutionContext,
  engine: Engine,
  profile: ProfileName,
  name: string,
  kind: 'data stream' | 'index',
): Promise<void> {
  t.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), 'trilog-amend-'));
  const llm = await ScriptedServer.start({ labelling: () => ({ label: 'auth.failure', confidence: 0.9 }) });
  const server = await SearchServer.start({ engine });
  try {
    await ask(server, 'PUT', '/_index_template/amend', templateOf(engine, name, mappingOf(profile, engine), kind));
    const wobble = Array.from(
      { length: RECORDS },
      (_, i) => `2026-03-02 10:11:12.123 7 ERROR site.agent [-] Wobble of 10.0.0.${i % 250} refused`,
    );
    const known = '2026-03-02 10:11:12.123 7 INFO nova.compute.manager [-] Took 2.10 seconds to build instance.';
    writeFileSync(join(folder, 'agent.log'), `${[...wobble, known].join('\n')}\n`);
    const config = join(folder, 'trilog.yaml');
    writeFileSync(
      config,
      JSON.stringify({
        data_dir: 'state',
        inputs: { log: { type: 'file', include: ['agent.log'], read_from: 'beginning' } },
        // So late that everything is stored by then.
        classify: { bert: false, known: false, llm: { base_url: llm.baseUrl, model: 'scripted', linger_ms: 8000, unknown_words: 'send' } },
        outputs: { search: { type: engine, nodes: [server.url], profile, amend: true, bulk_wait_ms: 100 } },
      }),
    );
    const agent = spawn(process.execPath, [join(PACKAGE_ROOT, 'dist/src/main.js'), 'run', '-c', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(agent, 'exit');
    const said = text(agent.stderr);
    const labelled = async (): Promise<number> => {
      await ask(server, 'POST', `/${name}/_refresh?ignore_unavailable=true`);
      const query = { query: { term: { 'trilog.label': 'auth.failure' } } };
      return ((await ask(server, 'POST', `/${name}/_count?ignore_unavailable=true`, query)) as { count: number }).count;
    };
    const until = performance.now() + WAIT_MS;
    let before = 0;
    while (performance.now() < until && (await labelled()) < RECORDS) {
      before = Math.max(before, await count(server, name));
      await pause(200);
    }
    agent.kill('SIGTERM');
    await ended;
    t.is(await labelled(), RECORDS, await said);
    t.is(await count(server, name), RECORDS + 1, 'none is there twice');
    for await (const { source } of everyDocument(server, name, ['trilog', 'event'])) {
      const { trilog, event } = source as {
        trilog: { label: string; stage: string; guess?: unknown; template_id: string };
        event?: { outcome?: string };
      };
      if (trilog.label === 'auth.failure') t.like(trilog, { stage: 'llm', guess: null });
      else t.is(trilog.stage, 'rule');
      if (profile === 'ecs' && trilog.label === 'auth.failure') t.is(event?.outcome, 'failure');
    }
    const counts = JSON.parse((await said).trimEnd().split('\n').at(-1) ?? '') as { counts: Record<string, number> };
    t.is(counts.counts['outputs.search.amended'], RECORDS);
    t.is(counts.counts['outputs.search.amended_documents'], RECORDS);
    t.is(llm.requests.length, 1);
  } finally {
    await llm.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
