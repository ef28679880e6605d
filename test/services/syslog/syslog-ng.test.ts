import test from 'ava';
import { takesDropIn } from './asked.js';
import { survivesKillsAndRotation } from './followed.js';
import { feedsItsChild } from './started.js';
import { syslogNg } from './syslog-ng.js';
import { keepsMessagesWhole } from './through-socket.js';

for (const file of ['trilog.conf', 'trilog-child.conf']) test(`syslog-ng finds no fault with ${file}`, takesDropIn, syslogNg, file);

test('a message with newlines is one record, a long one is whole, and none can forge another', keepsMessagesWhole, syslogNg);

test('what syslog-ng has written into its files is stored, over kills of both and rotations', survivesKillsAndRotation, syslogNg);

test('what syslog-ng writes to trilog as its child is stored', feedsItsChild, syslogNg, () => ({}));
