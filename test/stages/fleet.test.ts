import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { LogRecord } from '../../src/record/record.js';
import { rowValue } from '../../src/stages/memory/shared-answer.js';
import { after, status } from './llm/behaviours.js';
import { llmConfig, opened, server } from './llm/opened.js';
import { askedOf } from './llm/received-request.js';
import type { ScriptedServer } from './llm/scripted-server.js';
import { TableKept, TopicKept } from './memory/table-kept.js';

/** An agent's cascade with a language model alone, and a memory of its own. */
async function member(t: ExecutionContext, topic: TopicKept, of: ScriptedServer, { table = new TableKept(topic), keys = {} } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-fleet-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return { ...(await opened(t, llmConfig(of.baseUrl, keys), { home: { table, memoryFolder: join(folder, 'memory') } })), table };
}

function labelled(label: string) {
  return { labelling: () => ({ label, confidence: 0.9 }) };
}

function templatesOf(of: ScriptedServer): string[] {
  return of.requests.flatMap(({ body }) => askedOf(body).map(({ template }) => template));
}

function shown(records: readonly LogRecord[]) {
  return records.map(({ label, stage, templateId }) => [label, stage, templateId]);
}

const WHAT = 'the turbine has stopped';

test('what the model of one answered the model of another is never asked', async (t) => {
  const topic = new TopicKept();
  const [first, second] = [await server(t, labelled('network.failure')), await server(t, labelled('other'))];
  const [one, other] = [await member(t, topic, first), await member(t, topic, second)];
  await one.say(WHAT);
  await one.answered(1);
  const records = await other.say(WHAT);
  t.deepEqual(
    records.map(({ label, stage, confidence }) => [label, stage, confidence]),
    [['network.failure', 'llm', 0.9]],
  );
  t.deepEqual([first.requests.length, second.requests.length], [1, 0]);
  t.is(other.counts.get('memory.topic.learnt'), 1);
});

test('a row is written for an answer that was got here, once, not for one that was read', async (t) => {
  const topic = new TopicKept();
  const of = await server(t);
  const [one, other] = [await member(t, topic, of), await member(t, topic, of)];
  await one.say(WHAT);
  await one.answered(1);
  await one.say(WHAT);
  await other.say(WHAT);
  t.is(topic.rows.length, 1);
});

test('nothing is asked before the topic was read to its end, and what stands there is not asked at all', async (t) => {
  const topic = new TopicKept();
  const of = await server(t, labelled('network.failure'));
  const one = await member(t, topic, of);
  await one.say(WHAT);
  await one.answered(1);
  const late = await member(t, topic, of, { table: new TableKept(topic, true), keys: { wait_ms: 60_000 } });
  const before = await late.say(WHAT, 'the valve is stuck');
  t.deepEqual(
    before.map(({ stage }) => stage),
    ['none', 'none'],
    'records do not wait for the topic',
  );
  t.is(of.requests.length, 1);
  late.table.catchUp();
  await late.answered(2);
  t.is(late.late.length, 2);
  t.deepEqual(templatesOf(of).length, 2, 'the one that nobody knew is asked');
  t.deepEqual(
    late.late.map(({ templateId, label }) => [templateId, label]),
    before.map(({ templateId }) => [templateId, 'network.failure']),
  );
});

test('an answer that comes from another while a template waits in line is a late answer, and spares the question', async (t) => {
  const topic = new TopicKept();
  const of = await server(t);
  const one = await member(t, topic, of, { keys: { linger_ms: 60_000 } });
  const [record] = await one.say(WHAT);
  const { id = '' } = one.cascade.stages.templates?.llm ?? {};
  topic.write(record?.templateId ?? '', rowValue(id, { label: 'network.failure', confidence: 0.9 }));
  t.deepEqual(
    one.late.map(({ label, stage }) => [label, stage]),
    [['network.failure', 'llm']],
  );
  t.deepEqual(shown(await one.say(WHAT)), [['network.failure', 'llm', record?.templateId]]);
  await one.cascade.close();
  t.is(of.requests.length, 0);
});

test('what another answers while the endpoint fails is not asked about again', async (t) => {
  const topic = new TopicKept();
  const of = await server(t);
  const one = await member(t, topic, of);
  const { llm } = one.cascade.stages.templates ?? {};
  let release = (): void => {};
  of.script(after(new Promise<void>((done) => (release = done)), status(500)));
  const [record] = await one.say(WHAT);
  await of.received(1);
  topic.write(record?.templateId ?? '', rowValue(llm?.id ?? '', { label: 'network.failure', confidence: 0.9 }));
  release();
  while (llm?.waiting !== 0) await pause(5);
  t.is(of.requests.length, 1);
  t.deepEqual(shown(await one.say(WHAT)), [['network.failure', 'llm', record?.templateId]]);
});

test('conflicting answers settle on the last of the topic on all, own ones too, also after a restart with an empty memory', async (t) => {
  for (const labels of [
    ['network.failure', 'other'],
    ['other', 'network.failure'],
  ]) {
    const topic = new TopicKept();
    const of = await server(t, labelled('auth.failure'));
    const [one, other] = [await member(t, topic, of), await member(t, topic, of)];
    const [record] = await one.say(WHAT);
    await one.answered(1);
    await other.say(WHAT);
    const { id = '' } = one.cascade.stages.templates?.llm ?? {};
    for (const label of labels) topic.write(record?.templateId ?? '', rowValue(id, { label, confidence: 0.9 }));
    const anew = await member(t, topic, of);
    const found = await Promise.all([one, other, anew].map(async ({ say }) => (await say(WHAT))[0]?.label));
    t.deepEqual(found, [labels[1], labels[1], labels[1]]);
    t.is(of.requests.length, 1);
  }
});

test('how sure an answer must be is for each agent to say', async (t) => {
  const topic = new TopicKept();
  const of = await server(t, { labelling: () => ({ label: 'other', confidence: 0.7 }) });
  const [bold, careful] = [await member(t, topic, of), await member(t, topic, of, { keys: { min_confidence: 0.8 } })];
  await bold.say(WHAT);
  await bold.answered(1);
  const [record] = await careful.say(WHAT);
  t.deepEqual([record?.label, record?.guess?.label, of.requests.length], ['unclassified', 'other', 1]);
});

test('a row that is taken away makes the template be asked for anew', async (t) => {
  const topic = new TopicKept();
  const of = await server(t);
  const one = await member(t, topic, of);
  const [record] = await one.say(WHAT);
  await one.answered(1);
  topic.write(record?.templateId ?? '', null);
  t.deepEqual(
    (await one.say(WHAT)).map(({ stage }) => stage),
    ['none'],
  );
  await one.answered(2);
  t.is(of.requests.length, 2);
});

test('an answer that could not be used is not told to others', async (t) => {
  const topic = new TopicKept();
  const of = await server(t, { labelling: () => ({ label: 'network.victory', confidence: 1 }) });
  const one = await member(t, topic, of, { keys: { wait_ms: 60_000 } });
  await one.say(WHAT);
  t.is(one.counts.get('llm.rejected.wrong_label'), 1);
  t.deepEqual(topic.rows, []);
});
