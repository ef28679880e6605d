import test, { type ExecutionContext } from 'ava';
import { LogRecord } from '../../../src/record/record.js';
import { InputStanding, OutputStanding, Standing } from '../../../src/telemetry/standing.js';
import { Tally } from '../../../src/telemetry/tally.js';
import { showAt } from '../../../src/telemetry/telemetry.js';
import { source } from '../../record/sample.js';
import { SILENT } from '../silent-log.js';

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><svg onload=alert(1)>',
  "' onfocus=alert(1) autofocus='",
  '</code></td></table></main><iframe src=//evil.example>',
  '<meta http-equiv=refresh content=0;url=//evil.example>',
  '&lt;img src=x onerror=alert(1)&gt;',
  'javascript:alert(1) \u202e\u0000\u001b]8;;x',
];
const OURS = new Set(
  'html head meta title link script noscript body header h1 h2 h3 small p main section strong time ol ul li b dl div dt dd q table caption thead tbody tr th td code figure figcaption svg rect line span footer a'.split(
    ' ',
  ),
);

async function shown(t: ExecutionContext) {
  const tally = new Tally();
  const input = new InputStanding('nova', 'file');
  const standing = new Standing(tally, { bytes: 5, maxBytes: 100 }, 'compute-1');
  standing.inputs = [input];
  const output = new OutputStanding('os', 'opensearch');
  standing.outputs = [output];
  standing.state = 'running';
  const telemetry = await showAt({ host: '127.0.0.1', port: 0, tap: false }, standing, SILENT);
  t.teardown(() => telemetry.close());
  const get = (path: string) => fetch(`http://127.0.0.1:${telemetry.port}${path}`);
  const text = async (path = '/'): Promise<string> => (await get(path)).text();
  const leave = (change: (record: LogRecord) => void): void => {
    const record = new LogRecord(source(), 0, 'never shown');
    change(record);
    tally.add([record]);
    telemetry.probe.leaving([record]);
  };
  return { tally, standing, input, output, get, text, leave };
}

/** The names of all elements, in order. */
function elementsOf(page: string): string[] {
  return [...page.matchAll(/<([a-z][a-z0-9]*)/g)].map(([, name = '']) => name);
}

test('the page says how the agent stands', async (t) => {
  const { tally, input, output, text, leave } = await shown(t);
  tally.count('inputs.nova.records', 1234);
  tally.count('outputs.os.dead_letters', 3);
  input.opened({ lag: () => ({ unit: 'bytes', amount: 2_500_000 }) });
  output.failed('no route to host');
  leave((record) => Object.assign(record, { label: 'instance.failure', stage: 'rule' }));
  leave((record) =>
    Object.assign(record, {
      template: 'Lost <name> at <number>',
      templateId: 'a',
      guess: { label: 'messaging.failure', confidence: 0.4 },
      novel: true,
    }),
  );
  const page = await text();
  for (const part of [
    'compute-1',
    '<strong class="running">',
    '1,234',
    '2.5 MB',
    'no route to host',
    'trilog replay --dry-run',
    'instance.failure',
    '50.0 %',
    'Lost &lt;name&gt; at &lt;number&gt;',
    'messaging.failure 40.0 %',
  ])
    t.true(page.includes(part), part);
  t.false(page.includes('never shown'));
});

test('an agent that has done nothing has a page', async (t) => {
  const { text, standing } = await shown(t);
  standing.state = 'starting';
  const page = await text();
  t.true(page.includes('<title>starting: trilog on compute-1</title>'));
  t.true(page.includes('No records yet.'));
});

test('hostile text is text, wherever it comes from', async (t) => {
  const { output, standing, tally, text, leave } = await shown(t);
  for (const [i, words] of HOSTILE.entries()) {
    standing.outputs = [...standing.outputs, new OutputStanding(words, words)];
    leave((record) =>
      Object.assign(record, {
        template: words,
        templateId: `${i}`,
        logger: words,
        level: words,
        label: words,
        guess: { label: words, confidence: 0.1 },
        novel: true,
      }),
    );
  }
  output.failed(HOSTILE.join(' '));
  for (const words of HOSTILE) tally.count(`outputs.${words}.dead_letters`);
  const page = await text();
  t.deepEqual(
    [...new Set(elementsOf(page))].filter((name) => !OURS.has(name)),
    [],
  );
  t.is(elementsOf(page).filter((name) => name === 'script').length, 1);
  t.is(elementsOf(page).filter((name) => name === 'meta').length, 4);
  t.false(/<[a-z][^<>]*\son[a-z]+=/.test(page), 'no attribute that runs');
  t.false(/[\u0000\u001b\u202e]/.test(page));
  t.false(page.includes('evil.example>'));
});

test('nothing is loaded but from here, and what is written into the page could not run', async (t) => {
  const { get, text } = await shown(t);
  for (const path of ['/', '/still']) {
    const page = await text(path);
    for (const [, address = ''] of page.matchAll(/(?:src|href)="([^"]*)"/g)) t.is((await get(address)).status, 200, address);
    t.false(/<style|\sstyle=|https?:|\/\//.test(page.replace('<!doctype html>', '')));
  }
  const headers = (await get('/')).headers;
  const policy = Object.fromEntries(
    (headers.get('content-security-policy') ?? '').split('; ').map((one) => [one.split(' ')[0], one.split(' ').slice(1).join(' ')]),
  );
  t.deepEqual(policy, {
    'default-src': "'none'",
    'style-src': "'self'",
    'script-src': "'self'",
    'connect-src': "'self'",
    'img-src': "'self'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  });
  t.is(headers.get('x-content-type-options'), 'nosniff');
  t.is((await get('/live.js')).headers.get('content-type'), 'text/javascript; charset=utf-8');
});

test('without JavaScript the page is loaded again, unless one says no', async (t) => {
  const { text } = await shown(t);
  const [live, still] = [await text('/'), await text('/still')];
  t.true(live.includes('<noscript><meta http-equiv="refresh" content="15"></noscript>'));
  t.true(live.includes('<a href="/still">'));
  t.false(still.includes('refresh') || still.includes('<script'));
  t.true(still.includes('<a href="/">'));
});

test('what brings the page up to date finds each part of it by its name', async (t) => {
  const { text, leave } = await shown(t);
  const ids = (page: string): string[] => [...page.matchAll(/<section id="([a-z]+)"/g)].map(([, id = '']) => id);
  const empty = ids(await text('/'));
  t.deepEqual(empty, ['state', 'flow', 'stages', 'labels', 'unclassified', 'newest']);
  leave((record) => Object.assign(record, { template: 'a', templateId: 'a', novel: true }));
  t.deepEqual(ids(await text('/still')), empty);
});

test('headings, tables and pictures have names, and every region that scrolls can be reached by keyboard', async (t) => {
  const { text, leave } = await shown(t);
  leave((record) => Object.assign(record, { template: 'a', templateId: 'a', novel: true }));
  const page = await text();
  t.regex(page, /<html lang="en">/);
  t.regex(page, /<meta name="viewport" content="width=device-width, initial-scale=1">/);
  t.is(elementsOf(page).filter((name) => name === 'h1').length, 1);
  for (const [table] of page.matchAll(/<table>[\s\S]*?<\/table>/g)) t.regex(table, /^<table><caption>[^<]+<\/caption>/);
  for (const [picture] of page.matchAll(/<svg [^>]*>/g)) t.regex(picture, /role="img" aria-label="[^"]+"|aria-hidden="true"/);
  for (const [region] of page.matchAll(/<div class="scroll"[^>]*>/g)) t.regex(region, /role="region" aria-label="[^"]+" tabindex="0"/);
  t.deepEqual(
    [...page.matchAll(/<(section|ol|ul|table|div|p|dl|main)\b/g)].length,
    [...page.matchAll(/<\/(section|ol|ul|table|div|p|dl|main)>/g)].length,
  );
});
