import test from 'ava';
import { CurrentCascade } from '../../src/pipeline/current-cascade.js';
import type { LogRecord } from '../../src/record/record.js';
import type { Cascade } from '../../src/stages/cascade.js';

/** A cascade that answers when it is told to, and writes down what happens to it. */
function scripted(name: string, story: string[]) {
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const cascade = {
    taxonomy: { labels: new Map([[name, {}]]) },
    classify(): Promise<void> {
      story.push(`${name} is asked`);
      return answered;
    },
    async close(): Promise<void> {
      story.push(`${name} is closed`);
    },
  };
  return { cascade: cascade as unknown as Cascade, answer: () => answer() };
}

const NO_RECORDS: readonly LogRecord[] = [];

test('a batch stays with the cascade that it came to, which is closed behind its last one', async (t) => {
  const story: string[] = [];
  const [first, second] = [scripted('first', story), scripted('second', story)];
  const current = new CurrentCascade(first.cascade);
  const early = current.classify(NO_RECORDS);
  const replaced = current.replace(second.cascade);
  const late = current.classify(NO_RECORDS);
  second.answer();
  await late;
  t.deepEqual(story, ['first is asked', 'second is asked']);
  first.answer();
  await early;
  await replaced;
  await current.close();
  t.deepEqual(story, ['first is asked', 'second is asked', 'first is closed', 'second is closed']);
});

test('one that has nothing to answer is closed at once', async (t) => {
  const story: string[] = [];
  const current = new CurrentCascade(scripted('first', story).cascade);
  await current.replace(scripted('second', story).cascade);
  t.deepEqual(story, ['first is closed']);
  await current.close();
});

test('a stop does not wait for answers of the cascade before', async (t) => {
  const story: string[] = [];
  const current = new CurrentCascade(scripted('first', story).cascade);
  void current.classify(NO_RECORDS);
  void current.replace(scripted('second', story).cascade);
  await current.close();
  t.deepEqual(story.slice(1), ['first is closed', 'second is closed']);
});

test('the labels are those of the cascade that is asked now', async (t) => {
  const [first, second] = [scripted('first', []), scripted('second', [])];
  const current = new CurrentCascade(first.cascade);
  t.deepEqual(current.labels, ['first', 'unclassified']);
  await current.replace(second.cascade);
  t.deepEqual(current.labels, ['second', 'unclassified']);
});
