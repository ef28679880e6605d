import { once } from 'node:events';
import { join } from 'node:path';
import test from 'ava';
import { agent, rules, type Written } from './reloaded-agent.js';

test('a rule that has changed is in use from the next record on, and the log says which file it was', async (t) => {
  const { folder, reload, log, arrived, write, child } = await agent(t);
  log(1);
  t.is((await arrived(1))[0]?.trilog.rule, 'site.first');
  write('site.yaml', rules('site.second'));
  const [said] = await reload();
  t.like(said, { level: 'info', message: 'the changed configuration is in use', changed: [join(folder, 'site.yaml')] });
  log(1);
  t.is((await arrived(2))[1]?.trilog.rule, 'site.second');
  t.like((await reload())[0], { message: 'the configuration was read again: nothing has changed' });
  child.kill('SIGTERM');
  t.deepEqual(await once(child, 'exit'), [0, null]);
});

test('what is wrong is refused with every error on a line, and the agent goes on as it was', async (t) => {
  const { socket, configure, reload, log, arrived, write } = await agent(t);
  configure({ outputs: { all: { type: 'nothing' } }, host: 7 });
  const refused = await reload();
  t.deepEqual(
    refused.map(({ level, message }) => [level, /^the changed configuration is refused: .*trilog\.yaml:1:\d+: (\S+):/.exec(message)?.[1]]),
    [
      ['error', 'outputs.all.type'],
      ['error', 'host'],
    ],
  );
  t.regex(socket.messages.at(-1)?.['STATUS'] ?? '', /the last reload was refused/);
  configure();
  write('site.yaml', 'pack: site\nrules:\n  - { id: x, label: no.such }\n');
  t.true((await reload()).every(({ level, message }) => level === 'error' && message.includes('site.yaml:3')));
  log(1);
  t.is((await arrived(1))[0]?.trilog.rule, 'site.first');
  write('site.yaml', rules('site.first'));
  await reload();
  t.notRegex(socket.messages.at(-1)?.['STATUS'] ?? '', /refused/);
});

test('what only a start takes is named by its keys, never by its values; the rest of the change is taken', async (t) => {
  const { configure, reload, log, arrived, write, folder } = await agent(t);
  write('site.yaml', rules('site.second'));
  configure({ host: 'elsewhere', pipeline: { multiline_pause_ms: 20, stop_timeout_ms: 51 } });
  const said = await reload();
  t.like(said.at(0), { changed: [join(folder, 'site.yaml')] });
  t.like(said.at(1), { level: 'warn', message: 'needs a restart: host, pipeline.stop_timeout_ms' });
  log(1);
  t.is((await arrived(1))[0]?.trilog.rule, 'site.second');
});

for (const hanging of [false, true]) {
  test(`reloads under load, good, bad and changed, lose and repeat nothing${hanging ? ' beside an output that hangs' : ''}`, async (t) => {
    const { reload, log, arrived, write, configure } = await agent(t, { hanging });
    const ROUNDS = 12;
    for (let round = 0; round < ROUNDS; round++) {
      log(300);
      if (round % 3 === 0) write('site.yaml', rules(`site.round_${round}`));
      else if (round % 3 === 1) write('site.yaml', 'rules: [');
      else configure({ host: `host-${round}` });
      const reloaded = reload();
      log(300);
      await reloaded;
    }
    const found = await arrived(600 * ROUNDS);
    t.is(found.length, 600 * ROUNDS);
    t.is(new Set(found.map(({ event }) => event.id)).size, 600 * ROUNDS);
    t.deepEqual(
      found.map(({ message }) => message),
      Array.from({ length: 600 * ROUNDS }, (_, i) => `the frobnicator turned ${i}`),
    );
  });
}

test('outputs come, go and are replaced: each has the records of its time, once, and the log names the keys', async (t) => {
  const { folder, configure, reload, log, arrived } = await agent(t);
  const path = (name: string): string => join(folder, name);
  const file = (name: string, more: object = {}): object => ({ type: 'file', path: path(name), rotate_bytes: 0, ...more });
  const steps: readonly (readonly [outputs: object, changed: readonly string[]])[] = [
    [{ all: file('out.ndjson'), second: file('second.ndjson') }, ['outputs.second']],
    [{ all: file('other.ndjson'), second: file('second.ndjson') }, ['outputs.all.path']],
    [{ all: file('other.ndjson'), second: file('second.ndjson', { when: { levels: ['ERROR'] } }) }, ['outputs.second.when']],
    [{ all: file('other.ndjson') }, ['outputs.second']],
  ];
  log(100);
  for (const [outputs, changed] of steps) {
    configure({ outputs });
    const said = reload();
    log(100);
    t.like((await said)[0], { message: 'the changed configuration is in use', changed });
    log(100);
  }
  // What is read while outputs are replaced goes to those before or after: all of it, once.
  await arrived(1, path('other.ndjson'));
  const found = async (): Promise<readonly Written[]> => [...(await arrived(0)), ...(await arrived(0, path('other.ndjson')))];
  while ((await found()).length < 900) await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(
    (await found()).map(({ message }) => message),
    Array.from({ length: 900 }, (_, i) => `the frobnicator turned ${i}`),
  );
  const second = (await arrived(0, path('second.ndjson'))).map(({ event }) => event.id);
  t.true(second.length >= 200 && new Set(second).size === second.length, `${second.length}`);
});

test('an output that cannot start leaves those that were there; so does one that cannot be changed before it has written', async (t) => {
  const { folder, configure, reload, log, arrived } = await agent(t, { hanging: true });
  const all = { type: 'file', path: join(folder, 'out.ndjson'), rotate_bytes: 0 };
  const hangs = { type: './hangs.mjs' };
  log(10);
  await arrived(10);
  configure({ outputs: { all: { ...all, format: 'csv' }, hangs, none: { type: 'file', path: join(folder, 'nova.log', 'x') } } });
  t.regex((await reload()).at(0)?.message ?? '', /refused: output none: .*EEXIST/);
  configure({ outputs: { all } });
  t.regex((await reload()).at(0)?.message ?? '', /refused: outputs: hangs cannot write what it has; only a restart/);
  log(10);
  t.is((await arrived(20)).length, 20);
  configure({ outputs: { all, hangs } });
  t.like((await reload())[0], { message: 'the configuration was read again: nothing has changed' });
});

test('inputs come, go and are replaced: each line arrives once, and what one did not read is taken up when it comes again', async (t) => {
  const { folder, configure, reload, log, arrived, write } = await agent(t);
  const nova = { type: 'file', include: ['nova.log'], read_from: 'beginning', poll_interval_ms: 20 };
  const line = '2026-03-02 10:11:12.123 7 INFO site [-] the frobnicator stands\n';
  log(100);
  await arrived(100);
  write('more.log', line);
  configure({ inputs: { nova, more: { ...nova, include: ['more.log'] } } });
  t.like((await reload())[0], { changed: ['inputs.more'] });
  await arrived(101);
  configure({ inputs: { nova: { ...nova, poll_interval_ms: 30 }, more: { ...nova, include: ['more.log'] } } });
  log(100);
  const changing = reload();
  log(100);
  t.like((await changing)[0], { changed: ['inputs.nova.poll_interval_ms'] });
  await arrived(301);
  configure({ inputs: { more: { ...nova, include: ['more.log'] } } });
  t.like((await reload())[0], { changed: ['inputs.nova'] });
  log(100);
  configure({ inputs: { nova, more: { ...nova, include: ['more.log'] } } });
  await reload();
  const found = await arrived(401);
  t.is(found.length, 401);
  t.is(new Set(found.map(({ event }) => event.id)).size, 401);
  configure({
    inputs: { nova: { ...nova, include: [join(folder, 'out.ndjson')] }, gone: { type: 'forward', listen: '203.0.113.1:24224' } },
  });
  t.true((await reload()).every(({ level, message }) => level === 'error' && message.includes('refused: input gone')));
  log(1);
  await arrived(402);
});

test('an output that comes later is not read by an input that was there before', async (t) => {
  const { folder, configure, reload, log, arrived } = await agent(t);
  const inputs = { all: { type: 'file', include: ['*.log'], read_from: 'beginning', poll_interval_ms: 20 } };
  configure({ inputs });
  await reload();
  const all = { type: 'file', path: join(folder, 'out.ndjson'), rotate_bytes: 0 };
  configure({ inputs, outputs: { all, log: { type: 'file', path: join(folder, 'trilog.log') } } });
  await reload();
  log(10);
  await arrived(10, join(folder, 'trilog.log'));
  log(10);
  t.is((await arrived(20)).length, 20);
});

test('a model is replaced by another, or by none, while records wait for it', async (t) => {
  const { configure, reload, log, arrived, write } = await agent(t, { bert: true });
  write('site.yaml', rules('site.none').replace('the frobnicator ', 'nothing '));
  const classify = (bert: unknown) => ({ classify: { bert, known: false, rules: { packs: [], files: ['site.yaml'] } } });
  for (const bert of [{ model: 'openstack', min_confidence: 0.1 }, false, { model: 'openstack' }]) {
    configure(classify(bert));
    log(200);
    const reloaded = reload();
    log(200);
    t.true((await reloaded).some(({ message }) => message === 'the changed configuration is in use'));
  }
  const found = await arrived(1200);
  t.is(new Set(found.map(({ event }) => event.id)).size, 1200);
  t.is(found.length, 1200);
});
