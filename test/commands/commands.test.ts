import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, linkSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { PACKAGE_ROOT } from '../../src/paths.js';
import { TINY } from '../stages/bert/tiny.js';

const main = join(PACKAGE_ROOT, 'dist', 'src', 'main.js');
const samples = join(PACKAGE_ROOT, 'examples', 'sample-logs');
const compute = join(samples, 'nova-compute.log');
/** Where the model has nothing to do with what is shown, it is not opened: that takes longer than all the rest. */
const CLASSIFY = ['classify', '-q', '--stages', 'rules'];

async function trilog(args: readonly string[], input?: string | Buffer) {
  const child = spawn(process.execPath, [main, ...args], { stdio: 'pipe' });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [status] = await once(child, 'close');
  return { status, out, err };
}

const root = mkdtempSync(join(tmpdir(), 'trilog-commands-'));
test.after.always(() => rmSync(root, { recursive: true, force: true }));

function folder(): string {
  return mkdtempSync(join(root, 'test-'));
}

function documents(text: string): { message: string; trilog: { label: string; stage: string }; event: { id: string } }[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test.serial('classify labels a file, one record out per record in, with a summary', async (t) => {
  const { status, out, err } = await trilog(['classify', compute]);
  t.is(status, 0);
  const records = documents(out);
  t.is(records.length, 13);
  t.deepEqual(records.map(({ trilog: { label } }) => label).slice(0, 2), ['capacity.allocation', 'image.operation']);
  t.regex(err, /records +13 /);
  t.regex(err, /by rule +13 +100\.0 %/);
});

test.serial('a parse result, as NDJSON or CSV, can be given to classify, with the same result as the log itself', async (t) => {
  const direct = documents((await trilog([...CLASSIFY, compute])).out);
  for (const format of ['ndjson', 'csv']) {
    const parsed = join(folder(), `parsed.${format}`);
    t.is((await trilog(['parse', '-q', '-f', format, '-o', parsed, compute])).status, 0);
    const twice = documents((await trilog([...CLASSIFY, parsed])).out);
    t.deepEqual(
      twice.map(({ message, event, trilog: { label } }) => [message, event.id, label]),
      direct.map(({ message, event, trilog: { label } }) => [message, event.id, label]),
      format,
    );
  }
});

test.serial('parse labels nothing', async (t) => {
  const { out } = await trilog(['parse', '-q', compute]);
  t.true(documents(out).every(({ trilog: { stage } }) => stage === 'none'));
});

test.serial('standard input and gzip are read too', async (t) => {
  const text = readFileSync(compute);
  t.is(documents((await trilog(CLASSIFY, text)).out).length, 13);
  const packed = join(folder(), 'nova-compute.log.1.gz');
  writeFileSync(packed, gzipSync(text));
  t.is(documents((await trilog([...CLASSIFY, packed])).out).length, 13);
});

test.serial('an empty file gives nothing, and CSV its header', async (t) => {
  const empty = join(folder(), 'empty.log');
  writeFileSync(empty, '');
  t.is((await trilog([...CLASSIFY, empty])).out, '');
  t.true((await trilog([...CLASSIFY, '-f', 'csv', empty])).out.startsWith('id,timestamp'));
});

test.serial('a damaged file, a missing file and an unknown stage are told in a line', async (t) => {
  const packed = join(folder(), 'x.log.gz');
  writeFileSync(packed, 'not gzip');
  for (const args of [
    [...CLASSIFY, packed],
    [...CLASSIFY, '/nonexistent.log'],
    ['classify', '--stages', 'magic', compute],
    ['clasify'],
    [],
  ]) {
    const { status, err } = await trilog(args);
    t.not(status, 0, args.join(' '));
    t.notRegex(err, /\n +at /, args.join(' '));
  }
});

test.serial('a file that is damaged or cannot be read is told with its name and a code', async (t) => {
  const place = folder();
  const [none, torn] = [join(place, 'none.log.gz'), join(place, 'torn.log.gz')];
  writeFileSync(none, 'not gzip');
  writeFileSync(torn, gzipSync(readFileSync(compute)).subarray(0, 200));
  for (const [path, status, code] of [
    [none, 65, 'INPUT_DAMAGED'],
    [torn, 65, 'INPUT_DAMAGED'],
    [place, 66, 'INPUT_UNREADABLE'],
    ['/nonexistent.log', 66, 'INPUT_UNREADABLE'],
  ] as const) {
    const result = await trilog(['parse', '-q', path]);
    t.is(result.status, status, path);
    t.regex(result.err, new RegExp(`^${path}: .*\\n${code}: .*\\n$`));
  }
});

test.serial('a standard output that cannot be written is told with a code', async (t) => {
  const full = openSync('/dev/full', 'w');
  t.teardown(() => closeSync(full));
  for (const args of [['parse', '-q', compute], ['list']]) {
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', full, 'pipe'] });
    let err = '';
    child.stderr?.on('data', (chunk) => {
      err += chunk;
    });
    const [status] = await once(child, 'close');
    t.is(status, 74, args.join(' '));
    t.regex(err, /^stdout: ENOSPC.*\nOUTPUT_UNWRITABLE: .*\n$/);
  }
});

test.serial('binary junk, NUL bytes, CRLF and a line without end lose no line and break nothing', async (t) => {
  const junk = Buffer.concat([
    Buffer.from('first\r\n\0\0\xff\xfe\n'),
    Buffer.from([0x80, 0xc3, 0x28, 10]),
    Buffer.from('x'.repeat(3_000_000)),
    Buffer.from('\nlast'),
  ]);
  const { status, out } = await trilog(['parse', '-q'], junk);
  t.is(status, 0);
  t.true(out.includes('first') && out.includes('last'));
});

test.serial('check says what is wrong where, with the exit status that systemd knows, and ok where nothing is', async (t) => {
  const file = join(folder(), 'trilog.yaml');
  writeFileSync(file, 'inputs: { a: { type: file, include: [x.log] } }\noutputs: { b: { type: stdout, format: no } }\n');
  const wrong = await trilog(['check', '-c', file]);
  t.is(wrong.status, 78);
  t.regex(wrong.err, /trilog\.yaml:2:\d+: outputs\.b\.format: /);
  writeFileSync(
    file,
    `data_dir: data\ninputs: { a: { type: file, include: [x.log] } }\noutputs: { b: { type: file, path: ${join(folder(), 'o')} } }\n`,
  );
  for (const args of [[], ['--connect']])
    t.deepEqual({ ...(await trilog(['check', '-c', file, ...args])), out: '' }, { status: 0, out: '', err: '' });
});

test.serial('check --connect says which component cannot be opened', async (t) => {
  const file = join(folder(), 'trilog.yaml');
  writeFileSync(
    file,
    'inputs: { a: { type: file, include: [x.log] } }\noutputs: { b: { type: file, path: /dev/null/x } }\nclassify: { bert: false }\n',
  );
  const { status, err } = await trilog(['check', '-c', file, '--connect']);
  t.is(status, 69);
  t.regex(err, /outputs\.b: .*\/dev\/null/);
});

test.serial('test tries the examples of a rule file, and fails where one is wrong', async (t) => {
  t.is((await trilog(['test', join(PACKAGE_ROOT, 'examples', 'rules', 'site.yaml')])).status, 0);
  const file = join(folder(), 'rules.yaml');
  writeFileSync(file, 'pack: x\nrules:\n  - { id: a.b, label: host.system, starts: x, examples: { match: [y] } }\n');
  const { status, out } = await trilog(['test', file]);
  t.is(status, 1);
  t.regex(out, /rules\.yaml:3: a\.b: example "y" is won by no rule/);
});

test.serial('explain shows what was decoded and which rule won', async (t) => {
  const line = readFileSync(compute, 'utf8').split('\n')[0] ?? '';
  const { out } = await trilog(['explain', '--model', TINY, line]);
  t.regex(out, /"logger": "nova\.compute\.claims"/);
  t.regex(out, /won +\S+ → capacity\.allocation \(.*openstack\.yaml:\d+\)/);
  t.regex(out, /label: capacity\.allocation \(.+\)/);
});

test.serial('list shows every plugin and stage with its keys', async (t) => {
  const { out } = await trilog(['list', '--keys']);
  for (const word of [
    'input   file',
    'output  file',
    'output  stdout',
    'max_line_bytes',
    'rotate_bytes',
    'stage   llm',
    'max_tokens_per_day',
  ])
    t.true(out.includes(word), word);
});

test.serial('run stops in order on SIGTERM, and goes on where it stopped', async (t) => {
  const data = folder();
  const log = join(data, 'nova-compute.log');
  const output = join(data, 'out.ndjson');
  const config = join(data, 'trilog.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      data_dir: join(data, 'state'),
      inputs: { logs: { type: 'file', include: [log], read_from: 'beginning', poll_interval_ms: 20 } },
      outputs: { out: { type: 'file', path: output } },
      pipeline: { multiline_pause_ms: 50 },
    }),
  );
  const text = readFileSync(compute, 'utf8');
  for (const [content, records] of [
    [text, 13],
    [text + text, 26],
  ] as const) {
    writeFileSync(log, content);
    const agent = spawn(process.execPath, [main, 'run', '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    let count = 0;
    while (count < records) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      try {
        count = documents(readFileSync(output, 'utf8')).length;
      } catch {
        // Not there yet, or in the middle of a write.
      }
    }
    agent.kill('SIGTERM');
    const [status] = await once(agent, 'exit');
    t.is(status, 0);
  }
  const ids = documents(readFileSync(output, 'utf8')).map(({ event }) => event.id);
  t.is(ids.length, 26);
  t.is(new Set(ids).size, 26);
});

test.serial('an output that is an input too is refused under any name, and stays as it is', async (t) => {
  const [file, other] = ['same.log', 'other.log'].map((name) => join(folder(), name)) as [string, string];
  writeFileSync(file, readFileSync(compute));
  linkSync(file, other);
  for (const output of [file, other]) {
    const { status, err } = await trilog(['parse', '-o', output, compute, file]);
    t.is(status, 64);
    t.regex(err, /it is an input too/);
  }
  t.deepEqual(readFileSync(file), readFileSync(compute));
});

test.serial('an output that cannot be opened is told in a line; one whose input cannot be read is not touched', async (t) => {
  for (const [path, what] of [
    ['/nonexistent/x', 'ENOENT'],
    ['/dev/full', 'ENOSPC'],
    [folder(), 'EISDIR'],
  ] as const) {
    const { status, err } = await trilog(['parse', '-q', '-o', path, compute]);
    t.is(status, 74, path);
    t.regex(err, new RegExp(`^${path}: ${what}.*\\nOUTPUT_UNWRITABLE: .*\\n$`));
  }
  const output = join(folder(), 'out.ndjson');
  t.is((await trilog(['parse', '-q', '-o', output, '/nonexistent.log'])).status, 66);
  t.false(existsSync(output));
});

test.serial('a reader that goes away ends the command without a stack', async (t) => {
  const big = join(folder(), 'big.log');
  writeFileSync(big, readFileSync(compute, 'utf8').repeat(2000));
  const child = spawn(process.execPath, [main, 'classify', '-q', big], { stdio: ['ignore', 'pipe', 'pipe'] });
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const [status] = await once(child, 'close');
  t.deepEqual([status, err], [0, '']);
});

for (const command of ['list', 'explain']) {
  test.serial(`${command} ends quietly when its reader has gone`, async (t) => {
    const child = spawn(process.execPath, [main, command], { stdio: 'pipe' });
    let err = '';
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.stdout.destroy();
    child.stdin.on('error', () => {});
    child.stdin.end('one line\n');
    const [status] = await once(child, 'close');
    t.deepEqual([status, err], [0, '']);
  });
}

test.serial('a missing file of labels and broken CSV are told without a stack', async (t) => {
  const csv = join(folder(), 'broken.csv');
  const header = (await trilog(['parse', '-q', '-f', 'csv'], '')).out;
  writeFileSync(csv, `${header}"never closed`);
  for (const [args, expected] of [
    [['classify', '--taxonomy', '/nonexistent.yaml', compute], 78],
    [['test', '--taxonomy', '/nonexistent.yaml'], 78],
    [[...CLASSIFY, csv], 65],
  ] as const) {
    const { status, err } = await trilog(args);
    t.is(status, expected, args.join(' '));
    t.notRegex(err, /\n +at /, args.join(' '));
  }
});

test.serial('a long document of ours is read back, be it the first or not', async (t) => {
  const line = `2026-03-02 10:11:12.123 7 ERROR nova.compute.manager [-] ${'"'.repeat(900_000)}\n`;
  const parsed = (await trilog(['parse', '-q'], line + line)).out;
  t.true(parsed.length > 2 * 1_048_576);
  const twice = (await trilog(['parse', '-q'], parsed)).out;
  t.is(twice, parsed);
});

test.serial('neither the summary nor explain lets a file steer the terminal', async (t) => {
  const [document] = (await trilog(['parse', '-q', compute])).out.split('\n');
  const forged = document?.replace('"label":"unclassified"', '"label":"\\u001b[31mred"');
  const { err } = await trilog(['parse'], `${forged}\n`);
  t.true(err.includes('\\x1b[31mred'));
  t.false(err.includes('\u001b'));
  const { out } = await trilog(['explain', '--model', TINY, 'a\u009b31m\u202eb']);
  t.true(out.includes('a\\u009b31m\\u202eb'));
});

test.serial('an unknown decoder or time zone is refused', async (t) => {
  for (const args of [
    ['parse', '--decoder', 'osl0', compute],
    ['classify', '--timezone', 'Mars/Olympus', compute],
    ['explain', '--timezone', 'Mars/Olympus', 'x'],
  ]) {
    const { status, err } = await trilog(args);
    t.is(status, 64, args.join(' '));
    t.regex(err, /osl0|Mars\/Olympus/);
  }
  t.is((await trilog([...CLASSIFY, '--decoder', 'oslo', '--timezone', 'Europe/Berlin', compute])).status, 0);
});
