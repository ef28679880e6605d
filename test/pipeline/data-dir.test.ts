import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { TrilogError } from '../../src/errors.js';
import { DataDir } from '../../src/pipeline/data-dir.js';

test('a folder that a living process holds is refused, one that a dead process left is taken', async (t) => {
  const path = mkdtempSync(join(tmpdir(), 'trilog-data-'));
  const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  t.teardown(() => holder.kill('SIGKILL'));
  const started = readFileSync(`/proc/${holder.pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[19];
  writeFileSync(join(path, 'agent.pid'), `${holder.pid} ${started}\n`);
  const error = await t.throwsAsync(DataDir.take(path), { instanceOf: TrilogError });
  t.is((error as TrilogError).code, 'DATA_DIR_IN_USE');
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const taken = await DataDir.take(path);
  t.regex(readFileSync(taken.lock.file, 'utf8'), new RegExp(`^${process.pid} \\d+\n$`));
  await taken.release();
});

test('a process id that was used again by somebody else does not hold the folder', async (t) => {
  const path = mkdtempSync(join(tmpdir(), 'trilog-data-'));
  writeFileSync(join(path, 'agent.pid'), '1 42\n');
  await (await DataDir.take(path)).release();
  t.pass();
});

test('a folder that cannot be made is told', async (t) => {
  const error = await t.throwsAsync(DataDir.take('/dev/null/no/such'), { instanceOf: TrilogError });
  t.is((error as TrilogError).code, 'DATA_DIR_UNUSABLE');
});
