import test from 'ava';
import { documentWriter, PROFILES } from '../../../src/record/profiles/profile.js';
import { record } from '../sample.js';

const CONTENT = { timestamp: Date.UTC(2026, 2, 2), fields: { args: ['x'], '': 1 } };

for (const profile of PROFILES) {
  test(`${profile}: documents and what stands between them come one behind the other, in memory that grows`, (t) => {
    const writer = documentWriter(profile, 16);
    writer.add(record('first', CONTENT));
    writer.text('\n{"create":{}}\n');
    writer.addLine(record('x'.repeat(100_000), CONTENT));
    const lines = writer.bytes.toString().split('\n');
    t.is(lines.length, 4);
    t.is(lines[1], '{"create":{}}');
    t.true(lines[0]?.includes('first'));
    t.true(JSON.stringify(JSON.parse(lines[2] ?? '')).includes('x'.repeat(100_000)));

    const handedOver = writer.exchange(Buffer.alloc(64));
    t.is(writer.bytes.length, 0);
    writer.add(record('third', CONTENT));
    t.is(handedOver.toString(), lines.join('\n'));
    writer.clear();
    t.is(writer.bytes.length, 0);
  });

  test(`${profile}: what a line carried is written as it is, or as search servers take it`, (t) => {
    const written = (tame: boolean) => {
      const writer = documentWriter(profile, undefined, { tame });
      writer.add(record('x', CONTENT));
      const document = JSON.parse(writer.bytes.toString());
      if (profile === 'ecs') return [document.openstack.extra, document.openstack.extra_json];
      if (profile === 'kolla') return [document.trilog.extra, document.trilog.extra_json];
      return [document.attributes['openstack.extra'], document.attributes['openstack.extra_json']];
    };
    t.deepEqual(written(false), [CONTENT.fields, undefined]);
    t.deepEqual(written(true), [{ args: '["x"]' }, JSON.stringify(CONTENT.fields)]);
  });
}

test('ecs: a record whose fields are all taken away is still a document', (t) => {
  const writer = documentWriter('ecs', undefined, { tame: true });
  writer.add(record('x', { fields: { a: null } }));
  t.deepEqual(JSON.parse(writer.bytes.toString()).openstack, {});
});
