import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import winston from 'winston';
import { loadConfig } from '../../src/config/load.js';
import { Agent } from '../../src/pipeline/agent.js';

test('an agent does not read what it writes, nor what that is rotated to', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-own-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, 'trilog.yaml');
  writeFileSync(join(folder, 'nova.log'), '2026-03-02 10:11:12.123 7 INFO nova.compute.manager [-] Terminating instance\n');
  writeFileSync(join(folder, 'records.log.1'), '2026-03-02 10:11:12.123 7 INFO nova.compute.manager [-] written before\n');
  writeFileSync(
    config,
    JSON.stringify({
      data_dir: join(folder, 'data'),
      inputs: { logs: { type: 'file', include: [join(folder, '*.log*')], read_from: 'beginning', follow: false } },
      outputs: { out: { type: 'file', path: join(folder, 'records.log') } },
    }),
  );
  for (let start = 0; start < 3; start++) await new Agent(await loadConfig(config), winston.createLogger({ silent: true })).run();
  t.is(readFileSync(join(folder, 'records.log'), 'utf8').trimEnd().split('\n').length, 1);
});

test('an agent does not read its dead letters, nor what they are rotated to', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trilog-own-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, 'trilog.yaml');
  for (const name of ['dead-letters.ndjson', 'dead-letters.ndjson.1772445072', 'dead-letters.replayed', 'nova.log'])
    writeFileSync(join(folder, name), `2026-03-02 10:11:12.123 7 INFO nova.compute.manager [-] in ${name}\n`);
  writeFileSync(
    config,
    JSON.stringify({
      data_dir: folder,
      inputs: { logs: { type: 'file', include: [join(folder, '*.log'), join(folder, 'dead-*')], read_from: 'beginning', follow: false } },
      outputs: { out: { type: 'file', path: join(folder, 'records') } },
    }),
  );
  await new Agent(await loadConfig(config), winston.createLogger({ silent: true })).run();
  const messages = readFileSync(join(folder, 'records'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).message);
  t.deepEqual(messages, ['in nova.log']);
});
