import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { TrilogError } from '../../src/errors.js';
import { Amendments } from '../../src/pipeline/amendments.js';
import { DeadLetterStore } from '../../src/pipeline/dead-letters.js';
import { Delivery } from '../../src/pipeline/delivery.js';
import { Receipt } from '../../src/pipeline/receipt.js';
import { type Amendment, type Output, type Pace, type Rejection, TryLater } from '../../src/plugin/contract.js';
import type { Level, LogRecord } from '../../src/record/record.js';
import { record } from '../record/sample.js';

/** An output whose writes do what the test says, one after the other; after that they succeed. */
class ScriptedOutput implements Output<string[]> {
  readonly written: string[][] = [];
  constructor(readonly script: (() => Promise<readonly Rejection[]>)[]) {}
  async open(): Promise<void> {}
  async close(): Promise<void> {}
  encode(records: readonly LogRecord[]): string[] {
    return records.map(({ message }) => message);
  }
  async write(parcels: readonly string[][]): Promise<readonly Rejection[]> {
    const result = (await this.script.shift()?.()) ?? [];
    this.written.push(parcels.flat());
    return result;
  }
}

/** The same for one that can change what it stored. */
class AmendableOutput extends ScriptedOutput {
  readonly amended: string[][] = [];
  constructor(
    script: (() => Promise<readonly Rejection[]>)[],
    readonly amending: (() => Promise<void>)[] = [],
  ) {
    super(script);
  }
  async amend(amendments: readonly Amendment[]): Promise<void> {
    await this.amending.shift()?.();
    this.amended.push(amendments.map(({ id, label }) => `${id} ${label}`));
  }
}

function unlabelled(message: string, templateId: string): LogRecord {
  return Object.assign(record(message), { templateId, givenId: message, level: '' });
}

const root = mkdtempSync(join(tmpdir(), 'trilog-dead-'));
const stores: DeadLetterStore[] = [];
test.after.always(async () => {
  for (const store of stores) await store.close();
  rmSync(root, { recursive: true, force: true });
});

function deliver(output: Output<string[]>, maxWriteBytes = 1000) {
  const deadLetters = new DeadLetterStore(mkdtempSync(join(root, 'test-')), { maxBytes: 1_000_000, rotateBytes: 100_000 });
  stores.push(deadLetters);
  const giveUp = new AbortController();
  const failures: string[] = [];
  const broken: unknown[] = [];
  const amended: string[] = [];
  const amendments = output instanceof AmendableOutput ? new Amendments(new Set<Level>([''])) : null;
  const events = {
    wrote: () => {},
    rejected: () => {},
    amended: (records: number) => void amended.push(`amended ${records}`),
    unamended: (records: number) => void amended.push(`unamended ${records}`),
    failed: (error: Error) => void failures.push(error.message),
    broken: (error: unknown) => void broken.push(error),
  };
  const delivery = new Delivery('out', output, null, deadLetters, maxWriteBytes, events, giveUp.signal, amendments);
  const settled: string[] = [];
  const send = (name: string, bytes = 10): void => delivery.send([record(name)], bytes, new Receipt(1, () => settled.push(name)));
  return { delivery, deadLetters, giveUp, failures, broken, settled, amended, send };
}

test('while a write is under way the next is collected, up to the bound', async (t) => {
  const output = new ScriptedOutput([]);
  const { delivery, settled, send } = deliver(output, 25);
  for (const name of ['a', 'b', 'c', 'd']) send(name);
  await delivery.drained();
  t.deepEqual(output.written, [['a'], ['b', 'c'], ['d']]);
  t.deepEqual(settled, ['a', 'b', 'c', 'd']);
});

test('a write that fails is tried again with the same records, and nothing overtakes it', async (t) => {
  const output = new ScriptedOutput([() => Promise.reject(new TypeError('odd')), () => Promise.reject(new Error('down'))]);
  const { delivery, failures, settled, send } = deliver(output);
  send('a');
  send('b');
  await delivery.drained();
  t.deepEqual(failures, ['odd', 'down']);
  t.deepEqual(output.written.flat(), ['a', 'b']);
  t.deepEqual(settled, ['a', 'b']);
});

test('what is stored only after the agent gave up is not settled: its input may be closed by then', async (t) => {
  let finish = (): void => {};
  const output = new ScriptedOutput([() => new Promise((done) => (finish = () => done([])))]);
  const { delivery, giveUp, settled, send } = deliver(output);
  send('a');
  giveUp.abort();
  finish();
  await delivery.drained();
  t.deepEqual(output.written, [['a']]);
  t.deepEqual(settled, []);
});

test('it says whether it could get rid of what it has in time, and goes on where it could not', async (t) => {
  let finish = (): void => {};
  const output = new ScriptedOutput([() => new Promise((done) => (finish = () => done([])))]);
  const { delivery, settled, send } = deliver(output);
  t.true(await delivery.emptied(1000));
  send('a');
  send('b');
  t.false(await delivery.emptied(1));
  finish();
  t.true(await delivery.emptied(60_000));
  t.deepEqual(settled, ['a', 'b']);
});

test('what waits behind a write and is read again by another is forgotten', async (t) => {
  let finish = (): void => {};
  const output = new ScriptedOutput([() => new Promise((done) => (finish = () => done([])))]);
  const { delivery, send } = deliver(output);
  let isDropped = false;
  send('a');
  delivery.send([record('b'), record('c')], 10, new Receipt(1, t.fail, () => isDropped));
  send('d');
  isDropped = true;
  delivery.forgetDropped();
  t.is(delivery.unsettled, 2);
  finish();
  await delivery.drained();
  t.deepEqual(output.written, [['a'], ['d']]);
});

test('a rejected record is on disk as a dead letter before its receipt is settled', async (t) => {
  const output = new ScriptedOutput([() => Promise.resolve([{ document: '{"message":"bad"}', reason: 'mapping: no' }])]);
  const { delivery, deadLetters, settled, send } = deliver(output);
  send('bad');
  await delivery.drained();
  t.deepEqual(settled, ['bad']);
  const letter = JSON.parse(readFileSync(deadLetters.path, 'utf8'));
  t.is(letter.reason, 'mapping: no');
  t.is(letter.output, 'out');
  t.is(letter.record.message, 'bad');
});

test('a record that cannot be encoded goes to the dead letters, and the others go on', async (t) => {
  const output = new ScriptedOutput([]);
  const encode = output.encode.bind(output);
  output.encode = (records) => {
    if (records.some(({ message }) => message === 'bad')) throw new RangeError('Invalid time value');
    return encode(records);
  };
  const { delivery, deadLetters, settled } = deliver(output);
  delivery.send([record('a'), record('bad'), record('b')], 10, new Receipt(1, () => settled.push('all')));
  await delivery.drained();
  t.deepEqual(output.written, [['a', 'b']]);
  t.deepEqual(settled, ['all']);
  const letter = JSON.parse(readFileSync(deadLetters.path, 'utf8'));
  t.is(letter.record.message, 'bad');
  t.regex(letter.reason, /Invalid time value/);
});

test('a torn dead letter is closed off before the next', async (t) => {
  const { deadLetters } = deliver(new ScriptedOutput([]));
  writeFileSync(deadLetters.path, '{"torn');
  await deadLetters.store([{ document: '{}', output: 'out', reason: 'x' }]);
  await deadLetters.close();
  const lines = readFileSync(deadLetters.path, 'utf8').trimEnd().split('\n');
  t.is(lines.length, 2);
  t.is(JSON.parse(lines[1] ?? '').reason, 'x');
});

test('giving up ends the retries and leaves the receipts open', async (t) => {
  const output = new ScriptedOutput([() => Promise.reject(new Error('down'))]);
  const { delivery, giveUp, settled, failures, send } = deliver(output);
  send('a');
  while (failures.length === 0) await new Promise((resolve) => setImmediate(resolve));
  giveUp.abort();
  await delivery.drained();
  t.deepEqual(settled, []);
});

for (const [what, result] of [
  ['a number', 3],
  ['an object', { rejected: [] }],
  ['a list of other things', ['no']],
  ['a rejection without its reason', [{ document: '{}' }]],
] as const) {
  test(`a write that resolves to ${what} is told as a defect once, and nothing after it is settled`, async (t) => {
    const output = new ScriptedOutput([() => Promise.resolve(result as unknown as readonly Rejection[])]);
    const { delivery, failures, broken, settled, send } = deliver(output);
    send('a');
    send('b');
    await delivery.drained();
    send('c');
    await delivery.drained();
    t.deepEqual(
      broken.map((error) => (error as TrilogError).code),
      ['PLUGIN_BROKEN'],
    );
    t.true(broken[0] instanceof TrilogError && broken[0].message.startsWith('output out: '));
    t.deepEqual([failures, settled, output.written], [[], [], [['a']]]);
  });
}

test('a write that resolves to nothing has no rejections', async (t) => {
  const output = new ScriptedOutput([]);
  output.write = async () => undefined as unknown as readonly Rejection[];
  const { delivery, broken, settled, send } = deliver(output);
  send('a');
  await delivery.drained();
  t.deepEqual([broken, settled], [[], ['a']]);
});

test('what throws as a receipt is settled is told, not lost', async (t) => {
  const { delivery, broken } = deliver(new ScriptedOutput([]));
  const defect = new Error('settled() of an input');
  delivery.send(
    [record('a')],
    10,
    new Receipt(1, () => {
      throw defect;
    }),
  );
  await delivery.drained();
  t.deepEqual(broken, [defect]);
});

const LATE = { templateId: 'x', label: 'auth.failure', confidence: 0.9, stage: 'llm', event: null } as const;

test('a late answer amends what an output has of its template, behind the writes before it', async (t) => {
  const output = new AmendableOutput([]);
  const { delivery, amended } = deliver(output);
  const send = (records: LogRecord[]): void => delivery.send(records, 10, new Receipt(1, () => {}));
  send([unlabelled('a', 'x'), unlabelled('b', 'y')]);
  await delivery.drained();
  send([unlabelled('c', 'x')]);
  delivery.amend(LATE);
  await delivery.drained();
  // `c` was on its way when the answer came.
  t.deepEqual(output.written, [['a', 'b'], ['c']]);
  t.deepEqual(output.amended.flat(), ['a auth.failure', 'c auth.failure']);
  t.deepEqual(amended.length > 0 && new Set(amended.map((line) => line.split(' ')[0])), new Set(['amended']));
});

test('an amendment that fails is tried again, and let go where it fails for good; writes go on', async (t) => {
  const down = (): Promise<never> => Promise.reject(new Error('down'));
  const output = new AmendableOutput([], [down]);
  const { delivery, settled, amended, broken } = deliver(output);
  delivery.send([unlabelled('a', 'x')], 10, new Receipt(1, () => settled.push('a')));
  await delivery.drained();
  delivery.amend(LATE);
  await delivery.drained();
  t.deepEqual(output.amended, [['a auth.failure']]);
  t.deepEqual([amended, settled, broken], [['amended 1'], ['a'], []]);
});

test('an output that cannot change what it stored is told nothing', async (t) => {
  const output = new ScriptedOutput([]);
  const { delivery, amended } = deliver(output);
  delivery.send([unlabelled('a', 'x')], 10, new Receipt(1, () => {}));
  delivery.amend(LATE);
  await delivery.drained();
  t.deepEqual([output.written, amended], [[['a']], []]);
});

/** One whose writes last until the test ends them, several at a time. */
class PacedOutput implements Output<string[]> {
  readonly under: { readonly names: readonly string[]; readonly end: (rejections: readonly Rejection[]) => void }[] = [];
  constructor(readonly pace: Pace<string[]>) {}
  async open(): Promise<void> {}
  async close(): Promise<void> {}
  encode(records: readonly LogRecord[]): string[] {
    return records.map(({ message }) => message);
  }
  write(parcels: readonly string[][]): Promise<readonly Rejection[]> {
    return new Promise((end) => this.under.push({ names: parcels.flat(), end }));
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('an output with a pace has as many writes under way as it wants, each full', async (t) => {
  const pace = { parallel: 2, fullBytes: 2, waitMs: 60_000, sizeOf: (parcel: string[]) => parcel.length };
  const output = new PacedOutput(pace);
  const { delivery, settled, send } = deliver(output);
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) send(name);
  t.deepEqual(
    output.under.map(({ names }) => names),
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  );
  output.under[1]?.end([]);
  await turn();
  t.deepEqual(settled, ['c', 'd'], 'what is stored is settled, whatever is before it');
  t.deepEqual(output.under.map(({ names }) => names).slice(2), [['e', 'f']]);
  pace.parallel = 1;
  output.under[0]?.end([]);
  await turn();
  t.is(output.under.length, 3, 'what is not full waits');
  const drained = delivery.drained();
  output.under[2]?.end([]);
  await turn();
  t.deepEqual(output.under[3]?.names, ['g'], 'but not at the end');
  output.under[3]?.end([]);
  await drained;
  t.deepEqual(settled, ['c', 'd', 'a', 'b', 'e', 'f', 'g']);
});

test('a write that is not full begins after its wait', async (t) => {
  const output = new PacedOutput({ parallel: 1, fullBytes: 100, waitMs: 5, sizeOf: (parcel: string[]) => parcel.length });
  const { send, delivery } = deliver(output);
  send('a');
  send('b');
  t.is(output.under.length, 0);
  while (output.under.length === 0) await turn();
  t.deepEqual(output.under[0]?.names, ['a', 'b']);
  output.under[0]?.end([]);
  await delivery.drained();
});

test('a write is tried again no sooner than the other side asked', async (t) => {
  const output = new ScriptedOutput([() => Promise.reject(new TryLater('busy', 1500))]);
  const { delivery, send, failures } = deliver(output);
  const began = performance.now();
  send('a');
  await delivery.drained();
  t.deepEqual(failures, ['busy']);
  t.deepEqual(output.written, [['a']]);
  t.true(performance.now() - began >= 1490);
});
