import test from 'ava';
import { TemplateWatch } from '../../src/telemetry/template-watch.js';

type Watched = Parameters<TemplateWatch['add']>[0][number];

function record(template: string, more: Partial<Watched> = {}): Watched {
  return {
    template,
    templateId: `id ${template}`,
    logger: 'nova.x',
    program: 'nova',
    level: 'INFO',
    label: 'unclassified',
    stage: 'none',
    guess: null,
    novel: false,
    ...more,
  };
}

test('unclassified templates are counted until a stage knows them', (t) => {
  const watch = new TemplateWatch(() => 5);
  watch.add([record('a'), record('b'), record('b', { guess: { label: 'x.y', confidence: 0.4 } })]);
  const row = { logger: 'nova.x', level: 'INFO', last: 5 } as const;
  t.deepEqual(watch.unclassified(9), [
    { ...row, template: 'b', records: 2, guess: { label: 'x.y', confidence: 0.4 } },
    { ...row, template: 'a', records: 1, guess: null },
  ]);
  t.is(watch.unclassified(1).length, 1);
  watch.add([record('b', { stage: 'llm', label: 'x.y' })]);
  t.deepEqual(
    watch.unclassified(9).map(({ template }) => template),
    ['a'],
  );
});

test('records without a template are none of its business', (t) => {
  const watch = new TemplateWatch();
  watch.add([record('', { templateId: '' }), record('x', { stage: 'bert' })]);
  t.deepEqual([watch.unclassified(9), watch.newest], [[], []]);
});

test('the newest come first, and only the last of them', (t) => {
  const watch = new TemplateWatch();
  watch.add(Array.from({ length: 50 }, (_, i) => record(`t${i}`, { novel: true, stage: 'bert', label: 'a.b' })));
  t.is(watch.newest.length, 20);
  t.like(watch.newest[0], { template: 't49', label: 'a.b', stage: 'bert' });
});

test('templates without end do not fill the memory, nor drive out those that come often', (t) => {
  const watch = new TemplateWatch();
  for (let i = 0; i < 20_000; i++) watch.add([record(`t${i}`), ...(i % 10 === 0 ? [record('often')] : [])]);
  t.true(watch.unclassified(Number.POSITIVE_INFINITY).length <= 400);
  t.like(watch.unclassified(1)[0], { template: 'often', records: 2000 });
});

test('what is long is cut', (t) => {
  const watch = new TemplateWatch();
  watch.add([record('x'.repeat(10_000), { logger: '', program: 'y'.repeat(10_000) })]);
  const [row] = watch.unclassified(1);
  t.deepEqual([row?.template.length, row?.logger.length], [301, 81]);
});
