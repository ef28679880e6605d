import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { folderOf, trilog, writeConfig } from '../search/trilog-process.js';
import { Broker } from './broker.js';

/** With access rules, of which there are none: the listener without authentication may do everything, a user of the other nothing. */
const ACCESS_RULES = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS',
};

test('check --connect says of either side what is wrong with a broker, a topic, a credential, TLS, an access rule', async (t) => {
  t.timeout(300_000);
  const broker = await Broker.start({ topics: { logs: 1 }, settings: ACCESS_RULES });
  try {
    const folder = folderOf(t);
    const ca_file = join(folder, 'ca.pem');
    writeFileSync(ca_file, broker.ca);
    const login = (password: string) => ({ sasl: { mechanism: 'SCRAM-SHA-256', username: broker.user, password } });
    const [plain, secure] = [{ brokers: [broker.bootstrap] }, { brokers: [broker.secure], tls: { ca_file } }];
    const cases: readonly [name: string, keys: object, topic: string, said: RegExp | null][] = [
      ['right', plain, 'logs', null],
      ['no broker', { brokers: ['127.0.0.1:9'] }, 'logs', /no broker can be reached: check `brokers`/],
      ['no topic', plain, 'nowhere', /there is no topic "nowhere", or this user may not see it/],
      ['wrong password', { ...secure, ...login('guessed') }, 'logs', /the broker refuses the credentials: check `sasl`/],
      ['not permitted', { ...secure, ...login(broker.password) }, 'logs', /this user may not see it|does not permit it to this user/],
      [
        'untrusted',
        { ...secure, tls: true, ...login(broker.password) },
        'logs',
        /the certificate of the broker is not trusted: check `tls.ca_file`/,
      ],
      ['no TLS', { brokers: [broker.secure] }, 'logs', /its port may be one with TLS or SASL/],
      ['TLS where there is none', { ...plain, tls: true }, 'logs', /TLS cannot be agreed on|hangs up at once/],
    ];
    for (const [name, keys, topic, said] of cases) {
      const config = writeConfig(folder, name.replaceAll(' ', '-'), {
        data_dir: join(folder, 'data'),
        inputs: { in: { type: 'kafka', group: 'g', topics: [topic], ...keys } },
        classify: { bert: false },
        outputs: { out: { type: 'kafka', topic, ...keys } },
      });
      const { status, err } = await trilog('check', '--connect', '-c', config);
      if (said === null) t.is(status, 0, err);
      else {
        t.not(status, 0, name);
        for (const side of ['inputs.in', 'outputs.out']) {
          const line = err.split('\n').find((text) => text.includes(`${side}: `)) ?? '';
          t.regex(line, said, `${name}: ${err}`);
        }
        t.notRegex(err, /guessed|known-to-a-test/);
      }
    }
    await t.throwsAsync(broker.group('g'), { message: /GroupIdNotFound/ }, 'no check has joined the group');
  } finally {
    await broker.stop();
  }
});
