import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import anyTest, { type ExecutionContext, type TestFn } from 'ava';
import { BulkWriter } from '../../../plugins/outputs/search/bulk-writer.js';
import type { Engine } from '../../../plugins/outputs/search/client.js';
import { mappingOf } from '../../../plugins/outputs/search/mappings.js';
import { recordFromEcs } from '../../../src/record/profiles/ecs-reader.js';
import { documentWriter, PROFILES, type ProfileName } from '../../../src/record/profiles/profile.js';
import { source } from '../../record/sample.js';
import { type AwkwardLine, awkwardLines, HOSTILE_IDS, largeLines, MARKERS } from './awkward-lines.js';
import { ask, count } from './every-document.js';
import { SearchServer } from './search-server.js';
import { templateOf } from './template.js';
import { command, deadLetters, found, indexed, type Settled } from './whereabouts.js';

/** A record that is sent for ever keeps the agent from its end, which otherwise takes seconds. */
const BOUND_MS = 100_000;
const ENGINES: readonly Engine[] = ['opensearch', 'elasticsearch'];
/** A server's `http.max_content_length` where it takes little, in bytes. */
const LITTLE = 262_144;
/** Where each profile has what a line carried by names of its own. */
const EXTRA = { ecs: 'openstack.extra', otel: 'attributes.openstack.extra', kolla: 'trilog.extra' } satisfies Record<ProfileName, string>;
const MESSAGE = { ecs: 'message', otel: 'body.text', kolla: 'Payload' } satisfies Record<ProfileName, string>;

interface Corpus {
  readonly lines: readonly AwkwardLine[];
  readonly file: string;
  /** Where each record begins, as `trilog parse` finds it in the same file. */
  readonly offsets: readonly number[];
}

interface Labelled {
  readonly trilog: { readonly label: string };
}

interface Context {
  readonly folder: string;
  readonly servers: Readonly<Partial<Record<Engine, SearchServer>>>;
  readonly all: Corpus;
  readonly large: Corpus;
}
const test = anyTest as TestFn<Context>;

test.before(async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-awkward-'));
  const servers: Partial<Record<Engine, SearchServer>> = {};
  t.context = { folder, servers, all: await corpus(folder, 'all', awkwardLines()), large: await corpus(folder, 'large', largeLines()) };
  const start = async (engine: Engine): Promise<void> => {
    servers[engine] = await SearchServer.start({ engine });
  };
  // Both are waited for, so that none is left behind.
  const started = await Promise.allSettled(ENGINES.map(start));
  for (const result of started) if (result.status === 'rejected') throw result.reason;
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
async function sent(
  t: ExecutionContext<Context>,
  server: SearchServer,
  { file }: Corpus,
  index: string,
  output: object,
): Promise<Settled[]> {
  const folder = mkdtempSync(join(t.context.folder, 'agent-'));
  const config = join(folder, 'trilog.yaml');
  const input = { type: 'file', include: [file], read_from: 'beginning', follow: false, max_line_bytes: 4_194_304 };
  const search = { type: server.engine, nodes: [server.url], ...output };
  const keys = { data_dir: 'data', inputs: { log: input }, classify: { bert: false }, outputs: { search } };
  writeFileSync(config, JSON.stringify(keys));
  await command(['run', '-c', config], BOUND_MS);
  return [...(await indexed(server, index)), ...deadLetters(join(folder, 'data', 'dead-letters.ndjson'))];
}

/** The template of a data stream, or with `stream: false` of indices. */
async function install(server: SearchServer, patterns: string, mappings: object, stream: boolean): Promise<void> {
  const body = templateOf(server.engine, patterns, mappings, stream ? 'data stream' : 'index');
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
      const settled = await sent(t, server, all, `${name}*`, { profile, ...target });
      tell(t, all, settled);
      accounted(t, all, settled);
      t.deepEqual(
        settled.filter(({ reason }) => reason !== null).map(({ reason }) => reason),
        [],
      );
      const unclassified = settled.filter(({ document }) => (JSON.parse(document) as Labelled).trilog.label === 'unclassified');
      t.true(unclassified.length > 300);
      t.is(await found(server, `${name}*`, { term: { 'trilog.label': 'unclassified' } }), unclassified.length);
      const marker = all.lines.find(({ kind }) => kind === 'text: lucene')?.marker;
      t.is(await found(server, `${name}*`, { match: { [MESSAGE[profile]]: marker } }), 1);
      const carrying = settled.filter(({ document }) => /"(openstack\.)?extra":\{/.test(document));
      t.true(carrying.length > 200);
      t.is(await found(server, `${name}*`, { exists: { field: EXTRA[profile] } }), carrying.length);
      for (const [bound, date] of [['lt', '1000-01-01T00:00:00Z'], ['gt', '2999-01-01T00:00:00Z']] as const) // biome-ignore format: a table
        t.true((await found(server, `${name}*`, { range: { '@timestamp': { [bound]: date } } })) > 0, date);
    });
  }

  test.serial(`${engine} without a template guesses types, and what does not fit them is a dead letter`, async (t) => {
    const server = serverOf(t);
    const { all } = t.context;
    const settled = await sent(t, server, all, 'guessed', { index: 'guessed' });
    tell(t, all, settled);
    accounted(t, all, settled);
    t.true(settled.some(({ reason }) => /^400 (mapper|document)_parsing_exception/.test(reason ?? '')));
    t.true(settled.filter(({ reason }) => reason === null).length > settled.length / 2);
  });

  test.serial(`${engine} with an operator's strict mapping takes what it knows, and the rest are dead letters`, async (t) => {
    const server = serverOf(t);
    const { all } = t.context;
    const { properties } = mappingOf('ecs', engine) as { properties: Record<string, object> };
    const { openstack: _, http: __, ...known } = properties;
    await install(server, 'strict*', { dynamic: 'strict', properties: known }, true);
    const settled = await sent(t, server, all, 'strict', { data_stream: 'strict' });
    tell(t, all, settled);
    accounted(t, all, settled);
    t.true(settled.some(({ reason }) => reason?.includes('strict_dynamic_mapping_exception')));
    t.true(settled.some(({ reason }) => reason === null));
  });

  test.serial(`${engine} gets what is longer than a bulk may be in a bulk of its own`, async (t) => {
    const server = serverOf(t);
    const { large } = t.context;
    await install(server, 'large*', mappingOf('ecs', engine), true);
    const settled = await sent(t, server, large, 'large', { data_stream: 'large', bulk_bytes: 65_536 });
    tell(t, large, settled);
    accounted(t, large, settled);
    t.true(settled.every(({ reason }) => reason === null));
  });

  test.serial(`${engine} that takes little refuses only what is too large for it`, async (t) => {
    const { large } = t.context;
    const server = await SearchServer.start({ engine, settings: { 'http.max_content_length': `${LITTLE}b` } });
    try {
      // Servers count what is unpacked.
      const compression = engine === 'opensearch';
      const settled = await sent(t, server, large, 'little', { index: 'little', compression });
      tell(t, large, settled);
      accounted(t, large, settled);
      for (const { reason, document } of settled) {
        if (reason !== null) t.regex(reason, /^413 /);
        t.is(reason !== null, Buffer.byteLength(document) > LITTLE - 200, String(reason));
      }
    } finally {
      await server.stop();
    }
  });

  test.serial(`${engine} creates one document for each id that another trilog gave, whatever it says`, async (t) => {
    const server = serverOf(t);
    await ask(server, 'PUT', '/bystander/_doc/1', { is: 'here' });
    const records = HOSTILE_IDS.map((id, i) => recordFromEcs({ message: `given ${i}`, event: { id }, log: { offset: i } }, source()));
    const { body } = new BulkWriter(documentWriter('ecs', 1024, { tame: true }), { kind: 'index', pattern: 'given' }, true).bulkOf(records);
    const statuses = async (): Promise<number[]> => {
      const headers = { 'content-type': 'application/x-ndjson' };
      const response = await fetch(`${server.url}/_bulk`, { method: 'POST', headers, body });
      const { items } = (await response.json()) as { items: { create: { status: number } }[] };
      return items.map(({ create }) => create.status);
    };
    t.deepEqual(
      await statuses(),
      records.map(() => 201),
    );
    t.deepEqual(
      await statuses(),
      records.map(() => 409),
    );
    t.is(await count(server, 'given'), HOSTILE_IDS.length);
    t.is(await count(server, 'bystander'), 1);
  });
}
