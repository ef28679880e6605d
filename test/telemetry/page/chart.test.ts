import test from 'ava';
import { bars, COLOURS, ranked, shareBar } from '../../../src/telemetry/page/chart.js';

test('the largest have a colour each, the others one together', (t) => {
  const series = new Map(Array.from({ length: 12 }, (_, i): [string, number[]] => [`l${i}`, [i, 1]]));
  const shown = ranked(series);
  t.is(shown.length, COLOURS);
  t.deepEqual(shown[0], { name: 'l11', values: [11, 1] });
  t.deepEqual(shown.at(-1), { name: 'all others', values: [10, 5] });
  t.deepEqual(ranked(new Map([['a', [1]]])), [{ name: 'a', values: [1] }]);
});

test('bars stand on each other, and none leaves the picture', (t) => {
  const { text } = bars('two', [
    { name: 'a', values: [1, 0] },
    { name: 'b', values: [3, 2] },
  ]);
  const found = [...text.matchAll(/<rect class="c(\d)" x="([\d.]+)" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"/g)].map((match) =>
    match.slice(1).map(Number),
  );
  t.deepEqual(found, [
    [0, 0.5, 90, 30],
    [1, 0.5, 0, 90],
    [1, 300.5, 60, 60],
  ]);
});

test('nothing is a picture, too', (t) => {
  t.notThrows(() => bars('none', []));
  t.false(bars('none', [{ name: 'a', values: [0, 0] }]).text.includes('<rect'));
  t.true(shareBar('<x>', []).text.includes('aria-label="&lt;x&gt;"'));
});
