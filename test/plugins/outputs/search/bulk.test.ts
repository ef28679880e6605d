import test from 'ava';
import { type Bulk, bodyOf, documentId, documentOf, requestsOf, settle } from '../../../../plugins/outputs/search/bulk.js';

/** A bulk of documents `{"n":<name>}` under actions `{}`. */
function bulk(...names: string[]): Bulk {
  const lines = names.map((name) => `{}\n{"n":"${name}"}\n`);
  const ends = lines.map((_, i) => lines.slice(0, i + 1).join('').length);
  return { body: Buffer.from(lines.join('')), ends, records: null, open: names.map((_, i) => i), failures: new Map(), dead: [] };
}

const names = (items: ReturnType<typeof requestsOf>[number]): string[] => items.map((item) => JSON.parse(documentOf(item)).n);

test('what is open goes in requests up to the bound, in order, and what is longer alone', (t) => {
  const bulks = [bulk('a', 'b'), bulk('a-long-name-that-fills-a-request'), bulk('c')];
  t.deepEqual(requestsOf(bulks, 26).map(names), [['a', 'b'], ['a-long-name-that-fills-a-request'], ['c']]);
  t.deepEqual(requestsOf(bulks, 1000).map(names), [['a', 'b', 'a-long-name-that-fills-a-request', 'c']]);
});

test('a second request has only what the first left open, line by line as it was', (t) => {
  const bulks = [bulk('a', 'b', 'c', 'd'), bulk('e', 'f')];
  const [all = []] = requestsOf(bulks, 1000);
  t.is(bodyOf(all).toString(), bulks.map(({ body }) => body.toString()).join(''));
  settle([all[1], all[2], all[4]].filter((item) => item !== undefined));
  const [rest = []] = requestsOf(bulks, 1000);
  t.deepEqual(names(rest), ['a', 'd', 'f']);
  t.is(bodyOf(rest).toString(), '{}\n{"n":"a"}\n{}\n{"n":"d"}\n{}\n{"n":"f"}\n');
  settle(rest);
  t.deepEqual(requestsOf(bulks, 1000), []);
});

test('an id of trilog is the id of the document; one that another gave is hashed where a server would refuse it', (t) => {
  t.is(documentId('0a1b2c3d4e5f60718293a4b5-1234-567'), '0a1b2c3d4e5f60718293a4b5-1234-567');
  for (const id of ['', 'x'.repeat(513), '_auto', 'a"}}\n{"delete":{"_id":"1', 'é', ' ', '\ud800'])
    t.regex(documentId(id), /^[0-9a-f]{64}$/, JSON.stringify(id));
  t.not(documentId('a b'), documentId('a  b'));
});
