import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import winston from 'winston';
import { config as forwardInputConfig } from '../../plugins/inputs/forward/config.js';
import { ForwardInput } from '../../plugins/inputs/forward/forward-input.js';
import { forwardOutputConfig } from '../../plugins/outputs/forward/config.js';
import { ForwardOutput } from '../../plugins/outputs/forward/forward-output.js';
import { loadConfig } from '../../src/config/load.js';
import { PACKAGE_ROOT } from '../../src/paths.js';
import { Agent } from '../../src/pipeline/agent.js';
import { untilItWorks } from '../../src/pipeline/retry.js';
import type { LineBlock } from '../../src/record/source.js';
import { checkExamples } from '../../src/stages/rules/examples.js';
import { loadRules } from '../../src/stages/rules/load.js';
import { loadTaxonomy } from '../../src/stages/taxonomy.js';
import { trilog } from '../commands/trilog.js';
import { context } from '../plugins/context.js';
import { ScriptedSearch } from '../plugins/outputs/search/scripted-search.js';
import { record as sampleRecord } from '../record/sample.js';
import { freePorts } from '../services/kafka/free-ports.js';
import { ScriptedServer } from '../stages/llm/scripted-server.js';

const examples = join(PACKAGE_ROOT, 'examples');
const samples = join(examples, 'sample-logs');

/** Runs an example on the sample logs until it has seen `records`. */
async function run(name: string, records: number, environment: Record<string, string> = {}, beforeStop = async (): Promise<void> => {}) {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-example-'));
  const config = await loadConfig(join(examples, name), {
    TRILOG_DATA: join(folder, 'data'),
    LOG_DIR: samples,
    OUT_DIR: folder,
    READ_FROM: 'beginning',
    ...environment,
  });
  const agent = new Agent(
    { ...config, outputs: config.outputs.filter(({ plugin }) => plugin.type !== 'stdout') },
    winston.createLogger({ silent: true }),
  );
  const running = agent.run();
  while (agent.tally.records < records) await new Promise((resolve) => setTimeout(resolve, 20));
  await beforeStop();
  agent.stop();
  await running;
  return { agent, folder, lines: (file: string) => readFileSync(join(folder, file), 'utf8').trimEnd().split('\n') };
}

/** The sample logs hold so many records; tracebacks and the lines of a table belong to theirs. */
const SAMPLE_RECORDS = 48;

test('kolla.yaml writes every record of every log, classified', async (t) => {
  const { lines } = await run('kolla.yaml', SAMPLE_RECORDS);
  const records = lines('records.ndjson').map((line) => JSON.parse(line));
  t.is(records.length, SAMPLE_RECORDS);
  t.is(new Set(records.map(({ event }) => event.id)).size, SAMPLE_RECORDS);
  t.deepEqual(
    records.filter(({ trilog }) => trilog.label === 'unclassified').map(({ message }) => message),
    ['Token for user bob was rejected by keystone'],
    'of the four records of the program that no rule knows the model is not sure of one',
  );
  t.is(records.filter(({ trilog }) => trilog.stage === 'bert').length, 3);
});

test('llm.yaml asks the language model about what nobody knows, without its names', async (t) => {
  const server = await ScriptedServer.start({ labelling: () => ({ label: 'auth.failure', confidence: 0.9 }) });
  const environment = { TRILOG_LLM_URL: server.baseUrl, TRILOG_LLM_API_KEY: 'k' };
  t.teardown(() => server.close());
  const { lines } = await run('llm.yaml', SAMPLE_RECORDS, environment, () => server.received(1));
  t.is(lines('records.ndjson').length, SAMPLE_RECORDS);
  const [request] = server.requests;
  t.regex(request?.text ?? '', /Token for user <word> was rejected by keystone/);
  t.notRegex(request?.text ?? '', /\bbob\b/);
});

test('search.yaml creates a document for every record, and what went wrong with the names of kolla', async (t) => {
  const server = await ScriptedSearch.start('opensearch');
  t.teardown(() => server.close());
  await run('search.yaml', SAMPLE_RECORDS, { SEARCH_NODE: server.url });
  const documents = [...server.created].map(({ index, document }) => ({ index, document: JSON.parse(document) }));
  const streamed = documents.filter(({ index }) => index === 'logs-openstack.classified-default');
  t.is(streamed.length, SAMPLE_RECORDS);
  t.is(new Set(streamed.map(({ document }) => document.event.id)).size, SAMPLE_RECORDS);
  const problems = documents.filter(({ index }) => /^flog-\d{4}\.\d\d\.\d\d$/.test(index));
  t.true(problems.length > 0);
  t.true(problems.every(({ document }) => document.Payload !== undefined && /failure|error|capacity/.test(document.trilog.label)));
});

// They are run with a real broker, and with the real rsyslogd and syslog-ng, in test/services.
for (const [name, input, output] of [
  ['kafka.yaml', 'kafka', 'kafka'],
  ['fluentd-kafka.yaml', 'kafka', 'kafka'],
  ['kolla-kafka.yaml', 'kafka', 'kafka'],
  ['syslog.yaml', 'file', 'file'],
  ['syslog-child.yaml', 'stdin', 'file'],
] as const)
  test(`${name} passes trilog check`, async (t) => {
    const { status, err } = trilog(['check', '-c', join(examples, name)]);
    t.is(status, 0, err);
    const { inputs, outputs } = await loadConfig(join(examples, name), {});
    t.deepEqual(
      [...inputs, ...outputs].map(({ plugin }) => `${plugin.kind} ${plugin.type}`),
      [`input ${input}`, `output ${output}`],
    );
  });

test('forward.yaml stands between a sender and a server of the Forward protocol', async (t) => {
  const [port] = await freePorts(1);
  const input = new ForwardInput(forwardInputConfig.parse({ listen: '127.0.0.1:0', shared_key: 'k' }), context());
  await input.open();
  const reading = input.read(new AbortController().signal)[Symbol.asyncIterator]();
  t.teardown(() => input.close());
  const { address } = input;
  const config = await loadConfig(join(examples, 'forward.yaml'), {
    TRILOG_DATA: mkdtempSync(join(tmpdir(), 'trilog-example-')),
    FORWARD_LISTEN: `127.0.0.1:${port}`,
    FORWARD_SERVER: `127.0.0.1:${address.port}`,
    FORWARD_KEY: 'k',
  });
  const agent = new Agent(config, winston.createLogger({ silent: true }));
  const running = agent.run();
  const sender = new ForwardOutput(
    forwardOutputConfig.parse({ servers: [`127.0.0.1:${port}`], shared_key: 'k', profile: 'kolla' }),
    context(),
  );
  await sender.open();
  t.teardown(() => sender.close());
  const sent = sender.encode([sampleRecord('Instance spawned successfully.', { level: 'INFO', logger: 'nova.virt.libvirt.driver' })]);
  const writing = untilItWorks(() => sender.write([sent], AbortSignal.timeout(30_000)), {
    firstPauseMs: 50,
    signal: AbortSignal.timeout(30_000),
    failed: () => {},
  });
  const { value: block } = (await reading.next()) as IteratorYieldResult<LineBlock>;
  // The sender is told only when the server behind trilog has it.
  input.settled(block.source, block.end);
  // As a pipeline does, it asks for the next.
  const next = reading.next();
  t.deepEqual(await writing, []);
  t.is(JSON.parse(block.lines[0] ?? '').message, 'Instance spawned successfully.');
  agent.stop();
  await running;
  await input.close();
  void next;
});

test('journald.yaml passes trilog check', async (t) => {
  // The input meets a real journal in test/services/journald.
  const { status, err } = trilog(['check', '-c', join(examples, 'journald.yaml')]);
  t.is(status, 0, err);
  const { inputs } = await loadConfig(join(examples, 'journald.yaml'), {});
  t.deepEqual(
    inputs.map(({ plugin }) => plugin.type),
    ['journald'],
  );
});

test('exec-filter.yaml passes trilog check', async (t) => {
  // It is run as a child, with its input open and closed, in test/commands/run-stdin.test.ts.
  const { status, err } = trilog(['check', '-c', join(examples, 'exec-filter.yaml')]);
  t.is(status, 0, err);
  const { inputs, outputs } = await loadConfig(join(examples, 'exec-filter.yaml'), {});
  t.deepEqual(
    [...inputs, ...outputs].map(({ plugin }) => `${plugin.kind} ${plugin.type}`),
    ['input stdin', 'output stdout'],
  );
});

test('fleet.yaml passes trilog check', async (t) => {
  // Agents that share a topic meet a real broker in test/services/kafka.
  const { status, err } = trilog(['check', '-c', join(examples, 'fleet.yaml')]);
  t.is(status, 0, err);
  t.is((await loadConfig(join(examples, 'fleet.yaml'), {})).memoryTopic?.name, 'trilog.templates');
});

test('problems.yaml sorts out what an operator should look at', async (t) => {
  const { lines } = await run('problems.yaml', SAMPLE_RECORDS);
  t.is(lines('records.ndjson').length, SAMPLE_RECORDS);
  const problems = lines('problems.csv');
  t.true(problems.some((line) => line.includes('instance.failure')));
  t.false(problems.some((line) => line.includes(',INFO,')));
});

test('own-rules.yaml lets the rules of the site win', async (t) => {
  const { failures } = checkExamples(loadRules([join(examples, 'rules', 'site.yaml')], loadTaxonomy()));
  t.deepEqual(failures, []);
  const { lines } = await run('own-rules.yaml', SAMPLE_RECORDS);
  t.is(lines('records.ndjson').length, SAMPLE_RECORDS);
});

test('own-plugins.yaml reads a command and posts to an endpoint, again after an error', async (t) => {
  const bodies: string[] = [];
  let failures = 1;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      if (failures-- > 0) response.writeHead(503).end();
      else {
        bodies.push(body);
        response.writeHead(200).end();
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { agent } = await run('own-plugins.yaml', 13, {
    COMMAND: 'cat',
    ARGUMENT: '--',
    TARGET: join(samples, 'nova-compute.log'),
    HOOK_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/logs`,
  });
  const records = bodies
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.is(records.length, 2);
  t.true(records[0].message.startsWith('Instance failed to spawn'));
  t.is(agent.tally.counts.get('outputs.hook.retries'), 1);
});

test('every configuration in examples/ is tried here', (t) => {
  const tried = readFileSync(join(PACKAGE_ROOT, 'test', 'examples', 'configurations.test.ts'), 'utf8');
  for (const name of readdirSync(examples).filter((file) => file.endsWith('.yaml') && file !== 'demo.yaml'))
    t.true(tried.includes(`'${name}'`), name);
});
