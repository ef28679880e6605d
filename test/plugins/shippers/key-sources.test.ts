import test from 'ava';
import { sourceId } from '../../../plugins/inputs/kafka/source-id.js';
import { KeySources } from '../../../plugins/shippers/key-sources.js';
import { source } from '../../record/sample.js';

const NOBODY = { key: null, host: '', program: '', path: '' };

test('lines of one key share a source, those of others do not; all share the id', (t) => {
  const base = source({ id: 'partition' });
  const sources = new KeySources(base, 10);
  const a = sources.of({ ...NOBODY, key: Buffer.from('a') }).source;
  t.is(sources.of({ ...NOBODY, key: Buffer.from('a') }).source, a);
  const others = [
    sources.of(NOBODY).source,
    sources.of({ ...NOBODY, key: Buffer.from('') }).source,
    sources.of({ ...NOBODY, key: Buffer.from('b') }).source,
    sources.of({ ...NOBODY, key: Buffer.from('a'), host: 'compute-1' }).source,
    sources.of({ ...NOBODY, key: Buffer.from('a'), path: '/var/log/x.log' }).source,
    sources.of({ ...NOBODY, key: Buffer.alloc(100_000, 'a') }).source,
  ];
  t.is(new Set([a, ...others]).size, 7);
  for (const other of others) t.is(other.id, 'partition');
});

test('lines without key share a source, whatever comes between them', (t) => {
  const sources = new KeySources(source(), 10);
  const plain = sources.of(NOBODY).source;
  t.is(sources.of(NOBODY).source, plain);
  const other = sources.of({ ...NOBODY, host: 'compute-1' }).source;
  t.not(other, plain);
  t.is(sources.of(NOBODY).source, plain);
  t.not(sources.of({ ...NOBODY, key: Buffer.from('a') }).source, plain);
  t.is(sources.of(NOBODY).source, plain);
});

test('a line is from the host, the program and the file that its wrapping names, else from those of the partition', (t) => {
  const sources = new KeySources(source({ host: 'here', program: 'p', name: 'topic/0' }), 10);
  const { host, program, name } = sources.of({ key: null, host: 'compute-1', program: 'nova-compute', path: '/n.log' }).source;
  t.deepEqual([host, program, name], ['compute-1', 'nova-compute', '/n.log']);
  const plain = sources.of(NOBODY).source;
  t.deepEqual([plain.host, plain.program, plain.name], ['here', 'p', 'topic/0']);
});

test('with too many keys the one that was quiet longest ends', (t) => {
  const sources = new KeySources(source(), 2);
  const of = (key: string) => sources.of({ ...NOBODY, key: Buffer.from(key) });
  const a = of('a').source;
  const b = of('b').source;
  t.is(of('a').ended, null);
  t.is(of('c').ended, b);
  t.is(sources.size, 2);
  t.is(of('a').source, a);
  t.not(of('b').source, b);
  for (let i = 0; i < 10_000; i++) of(`key ${i}`);
  t.is(sources.size, 2);
});

test('a partition has the same id wherever it is read, and another than its neighbours', (t) => {
  t.is(sourceId('', 'logs', 3), sourceId('', 'logs', 3));
  const ids = [sourceId('', 'logs', 3), sourceId('', 'logs', 4), sourceId('', 'log', 3), sourceId('east', 'logs', 3)];
  t.is(new Set(ids).size, 4);
  for (const id of ids) t.regex(id, /^[0-9a-f]{16}$/);
});
