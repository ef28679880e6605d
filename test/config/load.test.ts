import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { loadConfig } from '../../src/config/load.js';
import { TrilogError } from '../../src/errors.js';

const root = mkdtempSync(join(tmpdir(), 'trilog-config-'));
test.after.always(() => rmSync(root, { recursive: true, force: true }));

function configFile(text: string): string {
  const file = join(mkdtempSync(join(root, 'test-')), 'trilog.yaml');
  writeFileSync(file, text);
  return file;
}

async function problemsOf(text: string, environment: Record<string, string> = {}): Promise<string[]> {
  const file = configFile(text);
  try {
    await loadConfig(file, environment);
    return [];
  } catch (error) {
    if (!(error instanceof TrilogError)) throw error;
    return error.message.split('\n').map((line) => line.replace(file, ''));
  }
}

const MINIMAL = `
inputs: { logs: { type: file, include: [/var/log/nova/*.log] } }
outputs: { out: { type: stdout } }
`;

test('a minimal configuration has defaults for the rest', async (t) => {
  const config = await loadConfig(configFile(MINIMAL), {});
  t.is(config.dataDir, '/var/lib/trilog');
  t.is(config.inputs[0]?.plugin.type, 'file');
  t.is(config.outputs[0]?.when, null);
  t.is(config.ruleFiles.length, 1);
  t.is(config.pipeline.multiline_pause_ms, 500);
});

test('every error comes at once, with line, column, path, what was expected and what was found', async (t) => {
  const problems = await problemsOf(`data_dir: 5
inputs:
  logs:
    type: file
    include: /var/log/*.log
    timezone: Mars/Olympus
  other:
    type: pigeon
outputs:
  out:
    type: stdout
    format: xml
    colour: true
    when: { levels: [LOUD] }
pipelines: {}
`);
  t.deepEqual(
    problems.map((line) => line.split(': ').slice(0, 2).join(': ')),
    [
      ':1:11: data_dir',
      ':5:14: inputs.logs.include',
      ':6:15: inputs.logs.timezone',
      ':8:11: inputs.other.type',
      ':12:13: outputs.out.format',
      ':13:5: outputs.out',
      ':14:22: outputs.out.when.levels[0]',
      ':15:1: unknown key "pipelines"',
    ],
  );
  t.true(problems[0]?.endsWith('expected string, received number, found 5'));
  t.regex(problems[3] ?? '', /there is no input "pigeon": neither built in \(file, .*kafka.*\) nor an installed package/);
  t.true(problems[2]?.endsWith('expected an IANA time zone, such as Europe/Berlin, found "Mars/Olympus"'));
  t.true(problems[5]?.includes('unknown key "colour"'));
});

test('the environment is put in, with defaults, and cannot add keys', async (t) => {
  const text = `data_dir: \${DATA:-/tmp/x}\nhost: \${HOST_NAME}\n${MINIMAL}`;
  const config = await loadConfig(configFile(text), { HOST_NAME: 'node: {evil: true}\nlog: {}' });
  t.is(config.dataDir, '/tmp/x');
  t.is(config.host, 'node: {evil: true}\nlog: {}');
  t.deepEqual(await problemsOf(`host: \${NOBODY}\n${MINIMAL}`), [
    `:1:7: host: the environment has no NOBODY; set it, or write \${NOBODY:-default}`,
  ]);
});

test('an input and an output are required', async (t) => {
  const problems = await problemsOf('inputs: {}\n');
  t.true(problems.some((line) => line.includes('inputs: at least one input')));
  t.true(problems.some((line) => line.includes('outputs')));
});

test('a syntax error is told with its place', async (t) => {
  const [problem] = await problemsOf('inputs:\n  a: [\noutputs: {}\n');
  t.regex(problem ?? '', /^:\d+:\d+: /);
});

test('a file that is not there is told as such', async (t) => {
  const error = await t.throwsAsync(loadConfig('/nonexistent/trilog.yaml'), { instanceOf: TrilogError });
  t.is((error as TrilogError).code, 'CONFIG_UNREADABLE');
});

test('rule files of the user come before the packs, globs in order of name', async (t) => {
  const file = configFile(`${MINIMAL}classify: { rules: { files: ["*.rules.yaml", one.yaml] } }\n`);
  const folder = join(file, '..');
  for (const name of ['b.rules.yaml', 'a.rules.yaml', 'one.yaml']) writeFileSync(join(folder, name), '');
  const config = await loadConfig(file, {});
  t.deepEqual(
    config.ruleFiles.slice(0, 3),
    ['a.rules.yaml', 'b.rules.yaml', 'one.yaml'].map((name) => join(folder, name)),
  );
});

test('paths are relative to the configuration file', async (t) => {
  const file = configFile(`${MINIMAL}data_dir: data\nclassify: { taxonomy: labels.yaml }\n`);
  const folder = join(file, '..');
  writeFileSync(join(folder, 'labels.yaml'), '');
  const config = await loadConfig(file, {});
  t.deepEqual([config.configDir, config.dataDir, config.taxonomyFile], [folder, join(folder, 'data'), join(folder, 'labels.yaml')]);
});

test('an alias that contains itself is a problem, not an endless loop', async (t) => {
  t.regex((await problemsOf(`${MINIMAL}a: &a [*a]\n`)).join('\n'), /alias/i);
});

test('BERT is on where there is a model, off where the configuration says so, and required where it names one', async (t) => {
  const bert = async (classify: string) => (await loadConfig(configFile(`${MINIMAL}classify: ${classify}`), {})).bert;
  t.is(await bert('{ bert: false }'), null);
  t.true((await bert('{}'))?.required !== true);
  const named = await bert('{ bert: { model: mine, min_confidence_by_label: { other: 0.9 } } }');
  t.true(named?.required);
  t.regex(named?.path ?? '', /^\/.*\/mine$/);
  t.deepEqual([named?.minConfidence, named?.minConfidenceByLabel, named?.executionProviders], [null, { other: 0.9 }, ['cpu']]);
});

test('what is wrong below bert is told with its key', async (t) => {
  const problems = await problemsOf(`${MINIMAL}classify: { bert: { modle: x, min_confidence: 7 }, memory: { max_entries: 1 } }`);
  t.regex(problems.join('\n'), /modle/);
  t.regex(problems.join('\n'), /min_confidence/);
  t.regex(problems.join('\n'), /max_entries/);
});

test('rule and label files that are not there are told with their line, among the other errors', async (t) => {
  const problems = await problemsOf(`${MINIMAL}host: 5
classify:
  taxonomy: labels.yaml
  rules:
    files:
      - none/*.yaml
      - missing.yaml
      - /tmp
`);
  t.deepEqual(
    problems.map((line) => line.replace(/ENOENT.*/, 'ENOENT')),
    [
      ':4:7: host: Invalid input: expected string, received number, found 5',
      ':6:13: classify.taxonomy: ENOENT',
      ':10:9: classify.rules.files[1]: ENOENT',
      ':11:9: classify.rules.files[2]: /tmp is a folder',
    ],
  );
});

test('a name that is none is told with what a name is', async (t) => {
  const problems = await problemsOf(
    'inputs: { B_upper: { type: file, include: [x], read_from: no } }\noutputs: { out: { type: stdout } }\n',
  );
  t.deepEqual(
    problems.map((line) => line.replace(/\(.*/, '')),
    [
      ':1:11: inputs: wrong key "B_upper": a name of lower-case letters, digits, - and _',
      ':1:59: inputs.B_upper.read_from: Invalid option: expected one of "end"|"beginning", found "no"',
    ],
  );
});

test('a pattern that no label matches is told, be it in a taxonomy of the user or in the one that comes with trilog', async (t) => {
  const outputs = (labels: string): string =>
    `inputs: { logs: { type: file, include: [x] } }\noutputs: { out: { type: stdout, when: { labels: ${labels} } } }\n`;
  t.deepEqual(await problemsOf(outputs('["*.failure", "capacity.*", unclassified, "!auth.*"]')), []);
  t.deepEqual(await problemsOf(outputs('["nosuch.label", "*.failure", "capacty.*"]')), [
    ':2:50: outputs.out.when.labels[0]: no label of the taxonomy matches "nosuch.label", nor does unclassified',
    ':2:79: outputs.out.when.labels[2]: no label of the taxonomy matches "capacty.*", nor does unclassified',
  ]);
  const file = configFile(`${outputs('[site.mine]')}classify: { taxonomy: mine.yaml }\n`);
  const ecs = '{ kind: event, category: [host], type: [info], outcome: unknown }';
  writeFileSync(join(file, '..', 'mine.yaml'), `version: 1\nlabels: [{ label: site.mine, summary: x, ecs: ${ecs} }]\n`);
  await t.notThrowsAsync(loadConfig(file, {}));
});

test('what the environment holds is not told', async (t) => {
  const [problem] = await problemsOf(`${MINIMAL}log: { level: "\${LEVEL}" }\n`, { LEVEL: 'hunter2' });
  t.true(problem?.endsWith(`, found "\${LEVEL}"`));
});

test('a component that does not fit the others is told with its line', async (t) => {
  const problems = await problemsOf(`inputs:
  logs: { type: file, include: [/var/log/nova/*.log] }
outputs:
  out: { type: kafka, brokers: ["k:9092"], topic: out, delivery: exactly_once }
`);
  t.is(problems.length, 1);
  t.regex(problems[0] ?? '', /^:4:\d+: outputs\.out: .*one input, of type kafka/);
});

test('a topic of the memory is for the answers of a language model', async (t) => {
  const topic = '{ topic: { name: templates, brokers: ["kafka1.example.net:9092"] } }';
  const llm = 'llm: { base_url: "http://127.0.0.1:1/v1", model: m }';
  t.deepEqual(await problemsOf(`${MINIMAL}classify: { ${llm}, memory: ${topic} }\n`), []);
  const [problem = '', ...more] = await problemsOf(`${MINIMAL}classify: { memory: ${topic} }\n`);
  t.regex(problem, /classify\.memory\.topic: .*`classify\.llm` is needed/);
  t.deepEqual(more, []);
});
