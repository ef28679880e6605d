import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { PACKAGE_ROOT } from '../../../src/paths.js';
import { METRICS } from '../../../src/telemetry/metric-definitions.js';
import { folderOf, RunningAgent } from '../search/trilog-process.js';
import { promtool } from './promtool.js';

const LONGEST_MS = 60_000;

/** What an agent shows that has read the sample logs, and stored all of them. */
async function scrape(t: ExecutionContext): Promise<string> {
  const folder = folderOf(t);
  const samples = join(PACKAGE_ROOT, 'examples', 'sample-logs');
  for (const name of readdirSync(samples)) copyFileSync(join(samples, name), join(folder, name));
  const config = {
    data_dir: join(folder, 'data'),
    inputs: { logs: { type: 'file', include: [join(folder, '*.log')], read_from: 'beginning' } },
    classify: { bert: false },
    outputs: { stored: { type: 'file', path: join(folder, 'out.ndjson') } },
    telemetry: { listen: '127.0.0.1:0' },
  };
  const file = join(folder, 'trilog.yaml');
  writeFileSync(file, JSON.stringify(config));
  const agent = new RunningAgent(t, file);
  for (const deadline = performance.now() + LONGEST_MS; performance.now() < deadline; await delay(50)) {
    const line = agent.said.split('\n').find((said) => said.includes('metrics and status can be read'));
    if (line === undefined) continue;
    const { port } = JSON.parse(line) as { port: number };
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    if (/^trilog_input_records_total\{.*\} [1-9]/m.test(text) && /^trilog_input_lag_bytes\{input="logs"\} 0$/m.test(text)) return text;
  }
  throw new Error(`not in time: ${agent.said}`);
}

test('promtool finds nothing wrong with what an agent shows', async (t) => {
  const text = await scrape(t);
  for (const { name } of Object.values(METRICS)) t.true(text.includes(`# TYPE ${name} `), name);
  const { status, said } = await promtool(['check', 'metrics'], text);
  t.deepEqual({ status, said }, { status: 0, said: '' });
});

test('promtool would have found a metric without help', async (t) => {
  const { status, said } = await promtool(['check', 'metrics'], '# TYPE trilog_things_total counter\ntrilog_things_total 1\n');
  t.not(status, 0);
  t.regex(said, /no help text/);
});
