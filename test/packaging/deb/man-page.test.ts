import { spawnSync } from 'node:child_process';
import test from 'ava';
import { manPage } from '../../../packaging/deb/man-page.js';
import { commandHelps } from '../../../packaging/deb/spoken.js';

/** Where there is no man there is nobody to show the page. */
const isThere = spawnSync('man', ['--version']).status === 0;
const shown = isThere ? test : test.skip;

test('every command stands in it with its options, in the words of its help', async (t) => {
  const page = manPage('1.2.3', '2026-03-02', await commandHelps());
  t.regex(page, /^\.TH TRILOG 8 "2026-03-02" "trilog 1\.2\.3"/);
  for (const name of ['run', 'check', 'classify', 'explain', 'replay', 'top', 'tap', 'list'])
    t.true(page.includes(`\n.SS trilog ${name}\n`), name);
  t.true(page.includes('\\-\\-connect'));
  t.false(page.includes('\\-\\-help'));
});

test('nothing in a help is taken for a request or an escape', (t) => {
  const page = manPage('1', '2026-03-02', [{ name: 'x', help: "trilog x\n\n.so /etc/passwd\n'br\na\\nb\n" }]);
  t.true(page.includes("\n\\&.so /etc/passwd\n\\&'br\na\\enb\n"));
});

shown(`man(1) finds nothing wrong with it${isThere ? '' : ' (NOT TRIED: there is no man)'}`, async (t) => {
  const { status, stdout, stderr } = spawnSync('man', ['--warnings', '--local-file', '-'], {
    input: manPage('1.2.3', '2026-03-02', await commandHelps()),
    encoding: 'utf8',
    env: { ...process.env, MANWIDTH: '80', LC_ALL: 'C.UTF-8' },
  });
  t.is(status, 0, stderr);
  t.is(stderr, '');
  t.true(stdout.split('\n').every((line) => line.length <= 80));
});
