import { appendFileSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { requireOf } from '../node-packages.js';
import { folderOf, RunningAgent } from '../search/trilog-process.js';
import { Browser, type BrowserPage } from './browser.js';

/** https://github.com/dequelabs/axe-core, which says what of a page some people cannot read or reach. */
const AXE = '4.14.1';
const LONGEST_MS = 60_000;
/** Where pictures are left, where somebody wants them. */
const PICTURES = process.env['TRILOG_PICTURES'];

const HOSTILE = [
  '<script>alert(1)</script> <img src=x onerror=alert(2)>',
  '"><svg onload=alert(3)> </td></table></section></main><iframe src=/status></iframe>',
  "' onfocus=alert(4) autofocus tabindex=1 x='",
  'quota \u202eexceeded\u202c for \u0007 <meta http-equiv=refresh content=0;url=/livez>',
];

/** An agent with the model, that reads the sample logs and what the test appends. */
async function agentOn(t: ExecutionContext) {
  const folder = folderOf(t);
  const log = join(folder, 'appended.log');
  writeFileSync(log, '');
  const samples = join(PACKAGE_ROOT, 'examples', 'sample-logs');
  for (const name of readdirSync(samples)) copyFileSync(join(samples, name), join(folder, name));
  const file = join(folder, 'trilog.yaml');
  const config = {
    data_dir: join(folder, 'data'),
    host: 'compute-1',
    inputs: { nova: { type: 'file', include: [join(folder, '*.log')], read_from: 'beginning' } },
    outputs: {
      archive: { type: 'file', path: join(folder, 'out.ndjson') },
      search: { type: 'opensearch', nodes: ['http://127.0.0.1:1'], index: 'x', when: { levels: ['CRITICAL'] } },
    },
    pipeline: { multiline_pause_ms: 50 },
    telemetry: { listen: '127.0.0.1:0' },
  };
  writeFileSync(file, JSON.stringify(config));
  const agent = new RunningAgent(t, file);
  let said: string | undefined;
  for (const deadline = performance.now() + LONGEST_MS; said === undefined; await delay(50)) {
    if (performance.now() > deadline) throw new Error(`not in time: ${agent.said}`);
    said = agent.said.split('\n').find((line) => line.includes('metrics and status can be read'));
  }
  const { port } = JSON.parse(said) as { port: number };
  let count = 0;
  const append = (messages: readonly string[], level = 'INFO'): void => {
    const time = new Date().toISOString().replace('T', ' ').slice(0, 23);
    appendFileSync(log, messages.map((message) => `${time} 7 ${level} nova.compute.manager [-] ${message} ${count++}\n`).join(''));
  };
  return { url: `http://127.0.0.1:${port}`, append };
}

async function picture(page: BrowserPage, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  writeFileSync(join(PICTURES, `${name}.webp`), await page.screenshot());
}

test('the page in a real browser: it moves, hostile lines are text, it can be read by anybody', async (t) => {
  const { url, append } = await agentOn(t);
  const browser = await Browser.start(t);
  const page = await browser.open();
  await page.goTo(`${url}/`);
  await page.until(`document.querySelector('#updates button') !== null`);

  append(Array.from({ length: 300 }, (_, i) => `Took ${i}.25 seconds to build instance.`));
  append(HOSTILE, 'ERROR');
  append(['The unheard of frobnicator wombled its gribbles'], 'CRITICAL');
  await page.until(`[...document.querySelectorAll('#flow .rate')].some((rate) => parseFloat(rate.textContent) > 0)`);
  await page.until(`document.querySelector('#flow .failing') !== null`);
  await page.until(
    `document.querySelector('#newest').textContent.includes('"><data>') && document.querySelector('#newest').textContent.includes("' onfocus=alert(")`,
  );
  t.deepEqual(
    await page.evaluate(`document.querySelectorAll('iframe, img, main script, main [onload], main [onfocus], main meta').length`),
    0,
  );
  t.is(await page.evaluate('location.pathname'), '/');

  // By keyboard: the first stop is the button, and it can be pressed.
  await page.press('Tab');
  t.is(await page.evaluate(`document.activeElement.textContent`), 'Pause');
  await page.evaluate('document.activeElement.click()');
  t.is(await page.evaluate(`document.activeElement.textContent`), 'Go on');
  await page.press('Tab');
  t.is(await page.evaluate(`document.activeElement.className`), 'scroll');

  await page.evaluate(`document.querySelector('#updates button').click(), document.activeElement.blur()`);
  const axe = readFileSync((await requireOf('axe-core', AXE)).resolve('axe-core/axe.min.js'), 'utf8');
  for (const [name, width, scheme] of [
    ['light', 1200, 'light'],
    ['dark', 1200, 'dark'],
    ['phone', 360, 'dark'],
  ] as const) {
    await page.send('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: width < 600 });
    await page.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
    t.true(Number(await page.evaluate('document.documentElement.scrollWidth')) <= width, `${name}: nothing stands out`);
    await page.evaluate(axe);
    const found = await page.evaluate(
      `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map((node) => node.html).join(' ')))`,
    );
    t.deepEqual(found, [], name);
    await picture(page, name);
  }
  t.deepEqual(page.complaints, []);
});

test('without JavaScript it has the same, and loads itself again', async (t) => {
  const { url, append } = await agentOn(t);
  const page = await (await Browser.start(t)).open();
  await page.send('Emulation.setScriptExecutionDisabled', { value: true });
  await page.goTo(`${url}/`);
  append(['Took 1.25 seconds to build instance.']);
  const again = new Promise<void>((resolve) => {
    page.browser.listen(({ method }) => {
      if (method === 'Page.loadEventFired') resolve();
    });
  });
  await again;
  const { root } = await page.send('DOM.getDocument');
  const { outerHTML } = await page.send('DOM.getOuterHTML', { nodeId: (root as { nodeId: number }).nodeId });
  t.true(String(outerHTML).includes('instance.lifecycle'));
  t.deepEqual(page.complaints, []);
});
