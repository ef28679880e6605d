import test from 'ava';
import { takesDropIn } from './asked.js';
import { survivesKillsAndRotation } from './followed.js';
import { rsyslog } from './rsyslogd.js';
import { feedsItsChild } from './started.js';
import { keepsMessagesWhole } from './through-socket.js';

for (const file of ['30-trilog.conf', '30-trilog-child.conf', '30-trilog-kafka.conf'])
  test(`rsyslog finds no fault with ${file}`, takesDropIn, rsyslog, file);

test('a message with newlines is one record, a long one is whole, and none can forge another', keepsMessagesWhole, rsyslog);

test(
  'so it is where rsyslog does not escape what it receives',
  keepsMessagesWhole,
  rsyslog,
  'global(parser.escapeControlCharactersOnReceive="off")\n',
);

test('what rsyslog has written into its files is stored, over kills of both and rotations', survivesKillsAndRotation, rsyslog);

test('what rsyslog writes to trilog as its child is stored', feedsItsChild, rsyslog, (folder) => ({
  '/var/log/trilog-child.log': `${folder}/child.log`,
}));
