import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Engine, PROFILES, type ProfileName } from '../../../plugins/outputs/search/client.js';
import { indexSettings, mappingOf } from '../../../plugins/outputs/search/mappings.js';
import { canonical } from '../../../plugins/outputs/search/setup/canonical.js';
import { type Change, changesBetween } from '../../../plugins/outputs/search/setup/diff.js';
import { fieldNames } from '../../../plugins/outputs/search/setup/field-names.js';
import { defaultTarget, ownName, patternOf } from '../../../plugins/outputs/search/setup/target.js';
import { ScriptedServer } from '../../stages/llm/scripted-server.js';
import { ask, count } from './every-document.js';
import { panelNumbers } from './panel-numbers.js';
import { SearchServer } from './search-server.js';
import { DAY, EXPECTED, HOSTS, labelling, RECORDS, writeLogs } from './small-cloud.js';
import { known } from './template.js';
import { folderOf, trilog, writeConfig } from './trilog-process.js';

const TEST_MS = 240_000;
/** The field with the text of the line. */
const MESSAGE: Readonly<Record<ProfileName, string>> = { ecs: 'message', otel: 'body.text', kolla: 'Payload' };

let opensearch: SearchServer;
let elasticsearch: SearchServer;

test.before('the servers start', async (t) => {
  t.timeout(600_000);
  opensearch = await SearchServer.start({ engine: 'opensearch' });
  elasticsearch = await SearchServer.start({ engine: 'elasticsearch' });
});

test.after.always('the servers end', async () => {
  await opensearch?.stop();
  await elasticsearch?.stop();
});

for (const profile of PROFILES) {
  const target = defaultTarget(profile);
  const [name, pattern] = [ownName(target), patternOf(target)];

  test(`${profile} on OpenSearch: setup installs, leaves alone, corrects, and the panels tell what the agents sent`, async (t) => {
    t.timeout(TEST_MS);
    const folder = folderOf(t);
    writeLogs(folder);
    const llm = await ScriptedServer.start({ labelling });
    t.teardown(() => llm.close());
    const configs = HOSTS.map((host) => configOf(folder, host, opensearch, profile, llm.baseUrl));
    const config = configs[0] ?? '';
    t.teardown(() => emptied(opensearch));

    if (target.kind === 'data_stream') {
      const early = await trilog('run', '-c', config);
      t.is(early.status, 69, early.err);
      t.regex(early.err, /there is no data stream .* `trilog setup opensearch -c FILE --apply`/);
    }

    const pieces = target.kind === 'data_stream' ? 4 : 3;
    const installed = await trilog('setup', 'opensearch', '-c', config, '--apply', '--yes');
    t.is(installed.status, 0, installed.err);
    t.regex(installed.out, /^note: the server has no index state management \(its plugin is not installed\)/);
    t.regex(installed.out, new RegExp(`installed, and read back as wanted: ${pieces}\n`));
    await hasNothingToDo(t, config);
    await correctsChanges(t, config);
    await refusesForeign(t, config, name);

    const checked = await trilog('check', '-c', config, '--connect');
    t.is(checked.status, 0, checked.err);
    for (const { status, err } of await Promise.all(configs.map((file) => trilog('run', '-c', file)))) t.is(status, 0, err);
    t.is(await count(opensearch, pattern), RECORDS);
    await showsAsCounted(t, opensearch, profile);

    if (target.kind === 'data_stream') await isDataStream(t, target.name, name);
    else t.deepEqual(Object.keys(await mappings(opensearch, pattern)), [`flog-${DAY.replaceAll('-', '.')}`]);
    t.deepEqual(unwanted(await mappings(opensearch, pattern), profile), []);
    const { host, service, level } = fieldNames(profile);
    const query = (text: string) => found(opensearch, pattern, { query_string: { query: text } });
    t.is(await query(`${MESSAGE[profile]}:spawn AND ${service}:nova-compute`), 3);
    t.is(await query(`${host}:control01 AND ${level}:WARNING`), 2);
    await hasNothingToDo(t, config);
  });

  test(`${profile} on Elasticsearch: setup says what this server lacks, and with fields that it knows the panels tell the same`, async (t) => {
    t.timeout(TEST_MS);
    const folder = folderOf(t);
    writeLogs(folder);
    const llm = await ScriptedServer.start({ labelling });
    t.teardown(() => llm.close());
    const configs = HOSTS.map((host) => configOf(folder, host, elasticsearch, profile, llm.baseUrl));

    const refused = await trilog('setup', 'elasticsearch', '-c', configs[0] ?? '', '--apply', '--yes');
    t.is(refused.status, 69, refused.out);
    // The module that has data streams' own endpoints is not to be had, nor the one with this type of field.
    if (target.kind === 'data_stream') t.regex(refused.err, /the server does not know data streams: GET \/_data_stream\//);
    else t.regex(refused.err, /PUT \/_component_template\/trilog-kolla-mappings: 400 .*match_only_text/);
    if (target.kind === 'index') t.regex(refused.out, /note: the server has no index lifecycle management/);

    await ask(elasticsearch, 'PUT', `/_index_template/${name}`, templateOf(profile));
    const checked = await trilog('check', '-c', configs[0] ?? '', '--connect');
    t.is(checked.status, 0, checked.err);
    for (const { status, err } of await Promise.all(configs.map((file) => trilog('run', '-c', file)))) t.is(status, 0, err);
    t.is(await count(elasticsearch, pattern), RECORDS);
    await showsAsCounted(t, elasticsearch, profile);
  });
}

function configOf(folder: string, host: string, { engine, url }: SearchServer, profile: ProfileName, llm: string): string {
  return writeConfig(folder, host, {
    host,
    data_dir: join(folder, `data-${host}`),
    inputs: { logs: { type: 'file', include: [join(folder, host, '*.log')], read_from: 'beginning', follow: false } },
    // Templates are found for the language model; records wait for it, so that nothing depends on when it answers.
    classify: {
      known: false,
      bert: false,
      llm: { base_url: llm, model: 'scripted', linger_ms: 50, wait_ms: 60_000, unknown_words: 'send' },
    },
    outputs: { search: { type: engine, nodes: [url], profile } },
  });
}

async function hasNothingToDo(t: ExecutionContext, config: string): Promise<void> {
  const { status, out, err } = await trilog('setup', 'opensearch', '-c', config, '--apply', '--yes');
  t.is(status, 0, err);
  t.regex(out, /\nnothing to do\n$/);
}

async function correctsChanges(t: ExecutionContext, config: string): Promise<void> {
  const path = '/_component_template/trilog-settings';
  const interval = async (): Promise<string> => {
    const answer = (await ask(opensearch, 'GET', path)) as {
      component_templates: { component_template: { template: { settings: { index: { refresh_interval: string } } } } }[];
    };
    return answer.component_templates[0]?.component_template.template.settings.index.refresh_interval ?? '';
  };
  const settings = { ...indexSettings('opensearch'), 'index.refresh_interval': '30s' };
  await ask(opensearch, 'PUT', path, { template: { settings }, _meta: { managed_by: 'trilog' } });
  const diff = /~ component template trilog-settings: to be changed\n +template\.settings\.refresh_interval: 30s -> 5s\n/;
  const shown = await trilog('setup', 'opensearch', '-c', config);
  t.regex(shown.out, diff);
  t.is(await interval(), '30s');
  const applied = await trilog('setup', 'opensearch', '-c', config, '--apply', '--yes');
  t.is(applied.status, 0, applied.err);
  t.regex(applied.out, diff);
  t.regex(applied.out, /read back as wanted: 1\n/);
  t.is(await interval(), '5s');
}

async function refusesForeign(t: ExecutionContext, config: string, name: string): Promise<void> {
  const template = async () => {
    const answer = (await ask(opensearch, 'GET', `/_index_template/${name}`)) as { index_templates: { index_template: object }[] };
    return answer.index_templates[0]?.index_template as { priority: number; _meta?: object };
  };
  const { _meta: _, ...unmarked } = await template();
  await ask(opensearch, 'PUT', `/_index_template/${name}`, { ...unmarked, priority: 521 });
  const refused = await trilog('setup', 'opensearch', '-c', config, '--apply', '--yes');
  t.not(refused.status, 0);
  t.regex(refused.out, /! index template .* trilog did not make it; --force replaces it\n/);
  t.regex(refused.err, /SETUP_FOREIGN/);
  t.is((await template()).priority, 521);
  const forced = await trilog('setup', 'opensearch', '-c', config, '--apply', '--yes', '--force');
  t.is(forced.status, 0, forced.err);
  t.like(await template(), { priority: 520, _meta: { managed_by: 'trilog' } });
}

async function showsAsCounted(t: ExecutionContext, server: SearchServer, profile: ProfileName): Promise<void> {
  const numbers = await panelNumbers(server, profile, patternOf(defaultTarget(profile)));
  if (profile === 'ecs') for (const [panel, rows] of Object.entries(numbers)) t.log(`${panel}: ${JSON.stringify(rows)}`);
  t.deepEqual(numbers, EXPECTED);
  for (const panel of ['labels', 'problems-by-host', 'novel-templates', 'unclassified-templates'])
    t.deepEqual(Object.keys(numbers[panel] ?? {}), Object.keys(EXPECTED[panel] ?? {}), `the order of ${panel}`);
}

async function isDataStream(t: ExecutionContext, stream: string, template: string): Promise<void> {
  const { data_streams: streams } = (await ask(opensearch, 'GET', `/_data_stream/${stream}`)) as { data_streams: object[] };
  t.is(streams.length, 1);
  t.like(streams[0], { name: stream, template, generation: 1 });
}

async function mappings(server: SearchServer, pattern: string): Promise<Record<string, { mappings: object }>> {
  return (await ask(server, 'GET', `/${pattern}/_mapping`)) as Record<string, { mappings: object }>;
}

/** What of the mappings is not as wanted. A data stream's has more: the server says there which field is the time. */
function unwanted(indices: Record<string, { mappings: object }>, profile: ProfileName): readonly Change[] {
  const wanted = canonical('component_template', { template: { mappings: mappingOf(profile, 'opensearch') } });
  return Object.values(indices)
    .flatMap(({ mappings }) => changesBetween(canonical('component_template', { template: { mappings } }), wanted))
    .filter(({ path }) => path !== 'template.mappings._data_stream_timestamp.enabled');
}

async function found(server: SearchServer, pattern: string, query: object): Promise<number> {
  return ((await ask(server, 'POST', `/${pattern}/_count`, { query })) as { count: number }).count;
}

/** As trilog installs it, without the type of field that this Elasticsearch lacks. */
function templateOf(profile: ProfileName): object {
  const engine: Engine = 'elasticsearch';
  const target = defaultTarget(profile);
  return {
    index_patterns: [patternOf(target)],
    priority: 520,
    ...(target.kind === 'data_stream' ? { data_stream: {} } : {}),
    template: {
      settings: indexSettings(engine),
      mappings: known(engine, mappingOf(profile, engine)),
    },
  };
}

/** Nothing of a test is left for the next one. */
async function emptied(server: SearchServer): Promise<void> {
  for (const path of ['/_data_stream/*', '/flog-*', '/_index_template/*', '/_component_template/*'])
    await fetch(server.url + path, { method: 'DELETE' });
}
