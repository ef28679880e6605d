import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { mappingOf } from '../../../plugins/outputs/search/mappings.js';
import { ask, count, everyDocument } from './every-document.js';
import { SearchServer } from './search-server.js';
import { templateOf } from './template.js';
import { folderOf, trilog, writeConfig } from './trilog-process.js';

const NAME = 'logs-openstack.classified-default';

test('what a mapping refused is sent again once the mapping is put right, and sending it once more changes nothing', async (t) => {
  t.timeout(300_000);
  const server = await SearchServer.start({ engine: 'opensearch' });
  t.teardown(() => server.stop());
  const folder = folderOf(t);
  await ask(server, 'PUT', '/_index_template/replay', template({ pid: { type: 'boolean' } }));
  const lines = ['7', '0', '8', '0', '9'].map(
    (pid, i) => `2026-03-02 10:11:12.12${i} ${pid} INFO nova.compute.manager [-] Took 2.1${i} seconds to build instance.`,
  );
  writeFileSync(join(folder, 'nova-compute.log'), `${lines.join('\n')}\n`);
  const config = writeConfig(folder, 'trilog', {
    data_dir: 'state',
    inputs: { log: { type: 'file', include: ['nova-compute.log'], read_from: 'beginning', follow: false } },
    outputs: { search: { type: 'opensearch', nodes: [server.url] } },
    classify: { known: false, bert: false },
  });
  t.is((await trilog('run', '-c', config)).status, 0);
  t.is(await count(server, NAME), 2, 'a record without a pid has none that could be refused');
  const [active = ''] = readdirSync(join(folder, 'state')).filter((name) => name.startsWith('dead-letters.ndjson'));
  const letters = readFileSync(join(folder, 'state', active), 'utf8')
    .trimEnd()
    .split('\n');
  t.is(letters.length, 3);
  for (const letter of letters) t.regex((JSON.parse(letter) as { reason: string }).reason, /^400 mapper_parsing_exception: .*process\.pid/);

  const still = await trilog('replay', '-c', config, '--quiet');
  t.is(still.status, 65, 'refused again');
  t.is(await count(server, NAME), 2);

  await ask(server, 'PUT', '/_index_template/replay', template({ pid: { type: 'long' } }));
  await ask(server, 'POST', `/${NAME}/_rollover`);
  const right = await trilog('replay', '-c', config);
  t.is(right.status, 0, right.err);
  t.is(await count(server, NAME), 5);
  t.is((await trilog('replay', '-c', config)).status, 0);
  t.is((await trilog('replay', '-c', config, '--again')).status, 0);
  t.is(await count(server, NAME), 5, 'sent again and again, each is there once');
  const found = new Map<string, string>();
  for await (const { id, source } of everyDocument(server, NAME, ['message', 'event.id'])) {
    const { message, event } = source as { message: string; event: { id: string } };
    t.is(id, event.id);
    found.set(message, id);
  }
  t.is(found.size, 5);
  t.is((await trilog('replay', '-c', config, '--remove')).status, 0);
  t.deepEqual(
    readdirSync(join(folder, 'state')).filter((name) => name.startsWith('dead-letters.ndjson')),
    [],
    'what was sent is removed while no agent runs',
  );
});

/** As trilog installs it, but for what a process has. */
function template(process: object): object {
  const mappings = mappingOf('ecs', 'opensearch') as { properties: object };
  const properties = { ...mappings.properties, process: { properties: process } };
  return templateOf('opensearch', NAME, { ...mappings, properties }, 'data stream');
}
