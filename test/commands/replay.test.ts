import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { folderWith, MAIN, trilog } from './trilog.js';

/** An output that keeps messages and ids in a file, each write a line; it refuses what `refuses` says, and does `first` before. */
function keeper(refuses = 'false', first = ''): string {
  return `import { appendFileSync, existsSync } from 'node:fs';
  export const plugin = {
    kind: 'output', type: 'mine', summary: 'mine', config: { safeParse: (data) => ({ success: true, data }) },
    create: (config, { configDir, name }) => ({
      async open() {},
      encode: (records) => records.map(({ message, id }) => ({ message, id })),
      async write(parcels) {
        const records = parcels.flat();
        ${first}
        const refused = records.filter((record) => ${refuses});
        const stored = records.filter((record) => !refused.includes(record));
        appendFileSync(configDir + '/' + name + '.kept', JSON.stringify(stored) + '\\n');
        return refused.map(({ message, id }) => ({ document: JSON.stringify({ message, event: { id } }), reason: "refused 'it' as no 17" }));
      },
      async close() {},
    }),
  };`;
}

interface Kept {
  readonly message: string;
  readonly id: string;
}

function kept(folder: string, name: string): Kept[] {
  const path = join(folder, `${name}.kept`);
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line): Kept[] => (line === '' ? [] : JSON.parse(line)));
}

/** A document as the ECS profile has it. */
function document(message: string, label = 'auth.failure'): Record<string, unknown> {
  return {
    '@timestamp': '2026-03-02T10:11:12.123Z',
    message,
    log: { offset: 7, level: 'ERROR', logger: 'nova.api', file: { path: '/var/log/nova/nova-api.log' } },
    service: { name: 'nova-api' },
    host: { name: 'control01' },
    event: {
      dataset: 'openstack.nova',
      id: `id-${message}`,
      kind: 'event',
      category: ['authentication'],
      type: ['start'],
      outcome: 'failure',
    },
    trilog: { label, confidence: 1, stage: 'rule', rule: 'r', format: 'oslo' },
  };
}

function letter(record: unknown, output = 'kept', reason = 'mapping: no'): string {
  return `${JSON.stringify({ time: '2026-03-02T10:11:13.000Z', output, reason, record })}\n`;
}

/** An agent's folder with dead letters, from the active file (`''`) or rotated ones, and outputs of these modules or types. */
function place(
  t: ExecutionContext,
  letters: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
  outputs: Readonly<Record<string, unknown>> = { kept: { type: './kept.mjs' } },
): { folder: string; state: string; replay: (...args: string[]) => ReturnType<typeof trilog> } {
  const folder = folderWith(t, { 'kept.mjs': keeper(), ...files });
  const state = join(folder, 'state');
  mkdirSync(state);
  for (const [name, text] of Object.entries(letters)) writeFileSync(join(state, `dead-letters.ndjson${name}`), text);
  const config = join(folder, 'trilog.yaml');
  const inputs = { logs: { type: 'file', include: [join(folder, '*.log')], read_from: 'beginning', follow: false } };
  const classify = { bert: false, known: false };
  const dead_letters = { max_bytes: 65_536, rotate_bytes: 32_768 };
  const log = { format: 'json' };
  writeFileSync(
    config,
    JSON.stringify({ data_dir: 'state', inputs, classify, outputs, dead_letters, log, pipeline: { max_write_bytes: 65_536 } }),
  );
  return { folder, state, replay: (...args) => trilog(['replay', '-c', config, ...args]) };
}

const messages = (all: readonly Kept[]): string[] => all.map(({ message }) => message);

test('letters of all files are sent once, oldest first, with their ids; a repeat sends nothing', (t) => {
  const { folder, state, replay } = place(t, {
    '': letter(document('c')),
    '.1772445072': letter(document('a')) + letter(document('b')),
    '.1772445099': letter(document('b2')),
  });
  const first = replay();
  t.is(first.status, 0, first.err);
  t.deepEqual(messages(kept(folder, 'kept')), ['a', 'b', 'b2', 'c']);
  t.is(kept(folder, 'kept')[0]?.id, 'id-a');
  t.regex(first.err, /letters +4\n.*sent to kept +4\n.*refused again +0\n/s);
  t.regex(replay().err, /replayed before +4\n/);
  t.is(kept(folder, 'kept').length, 4);
  t.is(replay('--again', '-q').err, '');
  t.is(kept(folder, 'kept').length, 8);
  t.deepEqual(readdirSync(state).sort(), [
    'dead-letters.ndjson',
    'dead-letters.ndjson.1772445072',
    'dead-letters.ndjson.1772445099',
    'dead-letters.replayed',
  ]);
});

test('a document comes out of the file output as it was', (t) => {
  const text = letter(document('a')) + letter(document('b', 'capacity.shortage'));
  const { folder, replay } = place(t, { '': text }, {}, { kept: { type: 'file', path: 'out.ndjson' } });
  t.is(replay().status, 0);
  const out = readFileSync(join(folder, 'out.ndjson'), 'utf8').trimEnd().split('\n');
  t.deepEqual(
    out.map((line) => JSON.parse(line)),
    [document('a'), document('b', 'capacity.shortage')],
  );
});

test('what plugins gave in place of a document is sent, too', (t) => {
  const text =
    letter('plain text') +
    letter({ payload: 1 }) +
    letter({ message: 'short', event: { id: 'x' }, more: 2 }) +
    letter('same') +
    letter('same');
  const { folder, replay } = place(t, { '': text }, {}, { kept: { type: 'file', path: 'out.ndjson' } });
  t.is(replay().status, 0);
  const out = readFileSync(join(folder, 'out.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.deepEqual(
    out.map(({ message }) => message),
    ['plain text', '{"payload":1}', 'short', 'same', 'same'],
  );
  t.is(new Set(out.map(({ event }) => event.id)).size, 5);
  t.like(out[2], { event: { id: 'x' }, openstack: { extra: { more: 2 } } });
});

test('letters are chosen by output, reason and label', (t) => {
  const text =
    letter(document('a'), 'kept', 'Mapping of [x]') +
    letter(document('b', 'capacity.shortage'), 'kept', 'too long') +
    letter(document('c'), 'other', 'mapping of [y]') +
    letter(document('d', 'capacity.shortage'), 'kept', 'MAPPING of [z]');
  const { folder, replay } = place(t, { '': text });
  t.is(replay('--output', 'kept', '--reason', 'mapping', '--label', 'auth.*', '--label', 'x.*').status, 0);
  t.deepEqual(messages(kept(folder, 'kept')), ['a']);
  const second = replay('--output', 'kept', '--reason', 'mapping', '--reason', 'LONG');
  t.regex(second.err, /not chosen +1\n.*replayed before +1\n.*sent to kept +2\n/s);
  t.deepEqual(messages(kept(folder, 'kept')), ['a', 'b', 'd']);
});

test('letters for an output that is not configured stop the run before anything is sent, unless another is named', (t) => {
  const { folder, replay } = place(t, { '': letter(document('a')) + letter(document('b'), 'gone') });
  const { status, err } = replay();
  t.is(status, 78);
  t.regex(err, /dead letters for gone \(1\); there are kept\nDEAD_LETTERS_UNSENDABLE: /);
  t.deepEqual(kept(folder, 'kept'), []);
  t.is(replay('--to', 'nobody').status, 64);
  t.is(replay('--to', 'kept').status, 0);
  t.deepEqual(messages(kept(folder, 'kept')), ['a', 'b']);
});

test('a dry run says what would be sent, alike reasons together, and sends nothing', (t) => {
  const text =
    letter(document('a'), 'kept', "failed to parse field [n] of id '17-x'. Preview of field's value: 'foo'") +
    letter(document('b'), 'kept', "failed to parse field [n] of id '18'. Preview of field's value: 'bar'") +
    letter(document('c'), 'gone', 'line 12: \u001b[31mred');
  const { folder, state, replay } = place(t, { '': text });
  t.is(replay('--dry-run').status, 78);
  const { status, out } = replay('--dry-run', '--to', 'kept');
  t.is(status, 0);
  t.regex(out, /to be sent, refused by kept +2\n/);
  t.true(out.includes(" 2  kept  auth.failure  failed to parse field [n] of id '…'. Preview of field's value: '…'\n"), out);
  t.true(out.includes(' 1  gone  auth.failure  line #: \\x1b[#red\n') || out.includes(' 1  gone  auth.failure  line #: \\x1b[#'), out);
  t.deepEqual(kept(folder, 'kept'), []);
  t.deepEqual(readdirSync(state), ['dead-letters.ndjson']);
});

test('what is refused again stays, with exit status 65, and is sent by the next run', (t) => {
  const text = ['a', 'b', 'c'].map((message) => letter(document(message))).join('');
  const { folder, state, replay } = place(t, { '.1772445072': text }, { 'kept.mjs': keeper("record.message === 'b'") });
  const first = replay('--remove');
  t.is(first.status, 65);
  t.regex(first.err, /sent to kept +2\n.*refused again +1\n +refused '…' as no # +1\n/s);
  t.true(existsSync(join(state, 'dead-letters.ndjson.1772445072')));
  writeFileSync(join(folder, 'kept.mjs'), keeper());
  const second = replay('--remove');
  t.is(second.status, 0);
  t.regex(second.err, /files removed +1/);
  t.deepEqual(messages(kept(folder, 'kept')), ['a', 'c', 'b']);
  // Nothing is left of it, not even what was remembered.
  t.deepEqual(readdirSync(state), []);
});

test('where an output does not say what it refused, nothing of that write counts as sent', (t) => {
  const vague = keeper('false', "if (records.length > 1) return [{ document: '{}', reason: 'one of them' }];");
  const { folder, replay } = place(t, { '': letter(document('a')) + letter(document('b')) }, { 'kept.mjs': vague });
  const first = replay();
  t.is(first.status, 65);
  t.regex(first.err, /refused again +1\n.*written with refused ones, kept +1\n/s);
  writeFileSync(join(folder, 'kept.mjs'), keeper());
  t.is(replay().status, 0);
  t.deepEqual(messages(kept(folder, 'kept')), ['a', 'b']);
});

test('torn and unreadable lines are told and left; an unreadable one keeps its file', (t) => {
  const { folder, state, replay } = place(t, {
    '.1772445072': `${letter(document('a'))}{"time":"2026-03-02T10\n${letter(document('b'))}`,
    '.1772445073': `${letter(document('c'))}something else\n`,
    '': `${letter(document('d'))}{"time":"20`,
  });
  const { status, err } = replay('--remove');
  t.is(status, 0);
  t.regex(err, /unreadable lines +1\n.*torn by a crash, read again since +1\n/s);
  t.deepEqual(messages(kept(folder, 'kept')), ['a', 'b', 'c', 'd']);
  t.deepEqual(
    readdirSync(state).filter((name) => name.includes('ndjson')),
    ['dead-letters.ndjson', 'dead-letters.ndjson.1772445073'],
  );
});

test('files can be named, and one that is not there is told', (t) => {
  const { folder, replay } = place(t, { '': letter(document('a')) }, { 'mine.ndjson': letter(document('b')) });
  t.is(replay(join(folder, 'mine.ndjson'), join(folder, 'mine.ndjson'), '--remove').status, 0);
  t.deepEqual(messages(kept(folder, 'kept')), ['b']);
  t.true(existsSync(join(folder, 'mine.ndjson')));
  const { status, err } = replay('-q', join(folder, 'none.ndjson'));
  t.is(status, 66);
  t.regex(err, /INPUT_UNREADABLE/);
});

test('without dead letters there is nothing to do', (t) => {
  const { state, replay } = place(t, {});
  const { status, err } = replay('--remove');
  t.is(status, 0, err);
  t.regex(err, /letters +0\n/);
  t.deepEqual(readdirSync(state), []);
});

test('killed in the middle, a repeat sends the rest', (t) => {
  const text = Array.from({ length: 2500 }, (_, i) => letter(document(`m${i}`))).join('');
  const killing = keeper('false', "if (existsSync(configDir + '/kept.kept')) process.kill(process.pid, 'SIGKILL');");
  const { folder, replay } = place(t, { '': text }, { 'kept.mjs': killing });
  t.is(replay().status, null);
  const before = kept(folder, 'kept').length;
  t.true(before > 0 && before < 2500);
  writeFileSync(join(folder, 'kept.mjs'), keeper());
  t.is(replay().status, 0);
  t.deepEqual(
    messages(kept(folder, 'kept')),
    Array.from({ length: 2500 }, (_, i) => `m${i}`),
  );
});

test('an interrupt ends the retries, and the next run sends', async (t) => {
  const { folder, replay } = place(t, { '': letter(document('a')) }, { 'kept.mjs': keeper('false', "throw new Error('down');") });
  const child = spawn(process.execPath, [MAIN, 'replay', '-c', join(folder, 'trilog.yaml')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    if (!err.includes('down') && `${err}${text}`.includes('down')) child.kill('SIGINT');
    err += text;
  });
  const [status] = await once(child, 'close');
  t.is(status, 130, err);
  t.regex(err, /\ninterrupted; /);
  writeFileSync(join(folder, 'kept.mjs'), keeper());
  t.is(replay().status, 0);
  t.deepEqual(messages(kept(folder, 'kept')), ['a']);
});

test('a full store holds the agent back, and replay and removal let it go on; nothing is lost', async (t) => {
  const lines = 1500;
  const log = Array.from({ length: lines }, (_, i) => {
    return `2026-03-02 10:11:12.123 7 INFO nova.compute.manager [-] line ${i} ${'x'.repeat(500)}\n`;
  });
  const { folder, state } = place(t, {}, { 'nova.log': log.join(''), 'kept.mjs': keeper("!existsSync(configDir + '/open')") });
  const config = join(folder, 'trilog.yaml');
  const agent = spawn(process.execPath, [MAIN, 'run', '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(agent, 'close');
  let said = '';
  await new Promise<void>((resolve) => {
    agent.stderr.setEncoding('utf8').on('data', (text) => {
      said += text;
      if (said.includes('no room for more dead letters')) resolve();
    });
    agent.once('close', () => resolve());
  });
  t.regex(said, /"level":"error"/);
  t.deepEqual(kept(folder, 'kept').length, 0);
  // What is replayed is taken now; what the agent still sends is so, too.
  writeFileSync(join(folder, 'open'), '');
  const replaying = async (): Promise<void> => {
    const child = spawn(process.execPath, [MAIN, 'replay', '-c', config, '--remove', '-q'], { stdio: 'ignore' });
    t.deepEqual(await once(child, 'close'), [0, null]);
  };
  await replaying();
  const [status] = await ended;
  t.is(status, 0);
  await replaying();
  const all = kept(folder, 'kept');
  t.is(new Set(all.map(({ id }) => id)).size, lines);
  t.is(all.length, lines);
  t.deepEqual(
    readdirSync(state).filter((name) => name.startsWith('dead-letters')),
    [],
  );
});

test('an output that only one process may write wants the agent to be stopped', (t) => {
  const { state, replay } = place(t, { '': letter(document('a')) }, {}, { kept: { type: 'file', path: 'out.ndjson' } });
  // This process is as good as an agent.
  const started = readFileSync(`/proc/${process.pid}/stat`, 'latin1');
  const ticks = started.slice(started.lastIndexOf(')') + 2).split(' ')[19];
  writeFileSync(join(state, 'agent.pid'), `${process.pid} ${ticks}\n`);
  const { status, err } = replay();
  t.is(status, 75);
  t.regex(err, /DATA_DIR_IN_USE/);
  writeFileSync(join(state, 'replay.pid'), `${process.pid} ${ticks}\n`);
  t.regex(replay().err, /REPLAY_RUNNING/);
});
