import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import type { Engine } from '../../../plugins/outputs/search/client.js';
import { indexSettings, mappingOf } from '../../../plugins/outputs/search/mappings.js';
import { PROFILES, type ProfileName } from '../../../src/record/profiles/profile.js';
import { type AwkwardLine, awkwardLines, MARKERS } from './awkward-lines.js';
import { SearchServer } from './search-server.js';
import { ask, command, deadLetters, found, indexed, type Settled } from './whereabouts.js';

/** A record that is sent for ever keeps the agent from its end, which otherwise takes seconds. */
const BOUND_MS = 100_000;
const ENGINES: readonly Engine[] = ['opensearch'];
/** Where each profile has what a line carried by names of its own. */
const EXTRA = { ecs: 'openstack.extra', otel: 'attributes.openstack.extra', kolla: 'trilog.extra' } satisfies Record<ProfileName, string>;
const MESSAGE = { ecs: 'message', otel: 'body.text', kolla: 'Payload' } satisfies Record<ProfileName, string>;

interface Corpus {
  readonly lines: readonly AwkwardLine[];
  readonly file: string;
  /** Where each record begins, as `trilog parse` finds it in the same file. */
  readonly offsets: readonly number[];
}

interface Context {
  readonly folder: string;
  readonly servers: Readonly<Partial<Record<Engine, SearchServer>>>;
  readonly all: Corpus;
}
const test = anyTest as TestFn<Context>;

test.before(async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-awkward-'));
  const servers: Partial<Record<Engine, SearchServer>> = {};
  t.context = { folder, servers, all: await corpus(folder, 'all', awkwardLines()) };
  for (const engine of ENGINES) servers[engine] = await SearchServer.start();
});

test.after.always(async (t) => {
  for (const server of Object.values(t.context.servers)) await server.stop();
  rmSync(t.context.folder, { recursive: true, force: true });
});

async function corpus(folder: string, name: string, lines: readonly AwkwardLine[]): Promise<Corpus> {
  const file = join(folder, `${name}.log`);
  writeFileSync(file, Buffer.concat(lines.map(({ bytes }) => bytes)));
  const { out } = await command(['parse', '--quiet', '--format', 'ndjson', file], BOUND_MS);
  const offsets = out
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { log: { offset: number } }).log.offset);
  return { lines, file, offsets };
}

/** Lets a real agent read the corpus to its end into an index, and gives what became of each record. */
async function sent(t: ExecutionContext<Context>, { file }: Corpus, name: string, index: string, output: object): Promise<Settled[]> {
  const folder = join(t.context.folder, name);
  mkdirSync(folder);
  const config = join(folder, 'trilog.yaml');
  const [server] = Object.values(t.context.servers).filter(({ url }) => JSON.stringify(output).includes(url));
  if (server === undefined) throw new Error('no server of this test is written to');
  const input = { type: 'file', include: [file], read_from: 'beginning', follow: false, max_line_bytes: 4_194_304 };
  const keys = { data_dir: 'data', inputs: { log: input }, classify: { bert: false }, outputs: { search: output } };
  writeFileSync(config, JSON.stringify(keys));
  await command(['run', '-c', config], BOUND_MS);
  return [...(await indexed(server, index)), ...deadLetters(join(folder, 'data', 'dead-letters.ndjson'))];
}

/** The template of a data stream, or with `stream: false` of indices. */
async function install(server: SearchServer, patterns: string, mappings: object, stream: boolean): Promise<void> {
  const template = { settings: { ...indexSettings(server.engine), number_of_replicas: 0 }, mappings };
  const body = { index_patterns: [patterns], priority: 500, template, ...(stream ? { data_stream: {} } : {}) };
  await ask(server, 'PUT', `/_index_template/${patterns.replace('*', 'x')}`, body);
}

/** Every record is in one place, once, with all that was said in it; a dead letter says why. */
function accounted(t: ExecutionContext<Context>, { lines, offsets }: Corpus, settled: readonly Settled[]): void {
  const times = new Map(offsets.map((offset) => [offset, 0]));
  for (const { offset } of settled) times.set(offset, (times.get(offset) ?? Number.NaN) + 1);
  t.deepEqual(
    [...times].filter(([, count]) => count !== 1),
    [],
    'records that are missing, or in two places, or nobody decoded, by their offsets',
  );
  for (const { reason } of settled) t.true(reason === null || /^\d{3} \S/.test(reason), String(reason));
  const places = new Map<string, number>();
  for (const { document } of settled)
    for (const marker of new Set(document.match(MARKERS))) places.set(marker, (places.get(marker) ?? 0) + 1);
  const astray = lines.filter(({ marker }) => marker !== null && places.get(marker) !== 1);
  t.deepEqual(
    astray.map(({ kind, marker }) => [kind, marker, places.get(marker ?? '')]),
    [],
  );
}

/** What was indexed and what died, by the kind of the line that a record begins with. */
function tell(t: ExecutionContext<Context>, { lines }: Corpus, settled: readonly Settled[]): void {
  const kindAt = new Map<number, string>();
  let at = 0;
  for (const { kind, bytes } of lines) {
    kindAt.set(at, kind.split(':')[0] ?? '');
    at += bytes.length;
  }
  const kinds = new Map<string, { alive: number; dead: number }>();
  for (const { offset, reason } of settled) {
    const kind = kindAt.get(offset) ?? 'further lines';
    const count = kinds.get(kind) ?? { alive: 0, dead: 0 };
    if (reason === null) count.alive++;
    else count.dead++;
    kinds.set(kind, count);
  }
  const dead = settled.filter(({ reason }) => reason !== null);
  t.log(`${lines.length} lines, ${settled.length} records: ${settled.length - dead.length} indexed, ${dead.length} dead letters`);
  t.log([...kinds].map(([kind, count]) => `${kind} ${count.alive}${count.dead > 0 ? ` (${count.dead} dead)` : ''}`).join(', '));
  const reasons = new Map<string, number>();
  for (const { reason } of dead) {
    const short = (reason ?? '').replaceAll(/\[[^\]]*\]/g, '[…]').slice(0, 160);
    reasons.set(short, (reasons.get(short) ?? 0) + 1);
  }
  for (const [reason, count] of reasons) t.log(`${count} × ${reason}`);
}

for (const engine of ENGINES) {
  const serverOf = (t: ExecutionContext<Context>): SearchServer => {
    const server = t.context.servers[engine];
    if (server === undefined) throw new Error(`${engine} did not start`);
    return server;
  };

  for (const profile of PROFILES) {
    test.serial(`${engine} takes every record in the profile ${profile} with the mappings of setup, and finds it`, async (t) => {
      const server = serverOf(t);
      const { all } = t.context;
      const stream = profile !== 'kolla';
      const name = `awkward-${profile}`;
      await install(server, `${name}*`, mappingOf(profile, engine), stream);
      const target = stream ? { data_stream: name } : { index: `${name}-{date}` };
      const settled = await sent(t, all, `${engine}-${profile}`, `${name}*`, { type: engine, nodes: [server.url], profile, ...target });
      tell(t, all, settled);
      accounted(t, all, settled);
      t.deepEqual(
        settled.filter(({ reason }) => reason !== null).map(({ reason }) => reason),
        [],
      );
      t.is(await found(server, `${name}*`, { term: { 'trilog.label': 'unclassified' } }), 1);
      const marker = all.lines.find(({ kind }) => kind === 'text: lucene')?.marker;
      t.is(await found(server, `${name}*`, { match: { [MESSAGE[profile]]: marker } }), 1);
      t.true((await found(server, `${name}*`, { exists: { field: EXTRA[profile] } })) > 300);
      t.true((await found(server, `${name}*`, { range: { '@timestamp': { lt: '1000-01-01T00:00:00Z' } } })) > 0);
    });
  }

  test.serial(`${engine} without a template guesses types, and what does not fit them is a dead letter`, async (t) => {
    const server = serverOf(t);
    const { all } = t.context;
    const settled = await sent(t, all, `${engine}-plain`, 'guessed', { type: engine, nodes: [server.url], index: 'guessed' });
    tell(t, all, settled);
    accounted(t, all, settled);
    t.true(settled.some(({ reason }) => reason?.startsWith('400 mapper_parsing_exception')));
    t.true(settled.filter(({ reason }) => reason === null).length > settled.length / 2);
  });

  test.serial(`${engine} with an operator's strict mapping takes what it knows, and the rest are dead letters`, async (t) => {
    const server = serverOf(t);
    const { all } = t.context;
    const { properties } = mappingOf('ecs', engine) as { properties: Record<string, object> };
    const { openstack: _, http: __, ...known } = properties;
    await install(server, 'strict*', { dynamic: 'strict', properties: known }, true);
    const settled = await sent(t, all, `${engine}-strict`, 'strict', { type: engine, nodes: [server.url], data_stream: 'strict' });
    tell(t, all, settled);
    accounted(t, all, settled);
    t.true(settled.some(({ reason }) => reason?.includes('strict_dynamic_mapping_exception')));
    t.true(settled.some(({ reason }) => reason === null));
  });
}
