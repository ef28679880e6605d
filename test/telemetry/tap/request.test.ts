import test from 'ava';
import { readRequest } from '../../../src/telemetry/tap/request.js';

const KNOWN = { labels: ['api.request', 'instance.failure', 'unclassified'], inputs: ['nova'] };

test('without a query everything is shown, at the default rate', (t) => {
  t.deepEqual(readRequest(new URLSearchParams(), KNOWN), {
    request: { labels: [], level: null, stage: null, input: null, service: null, rate: 20, count: null },
  });
});

test('all of it can be asked for', (t) => {
  const query = 'label=*.failure&label=unclassified&level=WARNING&stage=rule&input=nova&service=nova-*&rate=1000&count=5';
  t.deepEqual(readRequest(new URLSearchParams(query), KNOWN), {
    request: {
      labels: ['*.failure', 'unclassified'],
      level: 'WARNING',
      stage: 'rule',
      input: 'nova',
      service: 'nova-*',
      rate: 1000,
      count: 5,
    },
  });
});

test('while the labels are not known yet any glob is taken', (t) => {
  t.true('request' in readRequest(new URLSearchParams('label=no.such'), { labels: [], inputs: [] }));
});

for (const [query, problem] of [
  ['lable=x', /^there is no "lable"; there are: label, level, /],
  ['level=ERROR&level=INFO', /^level: once only$/],
  ['level=error', /^level "error": there are: TRACE, /],
  ['level=', /^level ""/],
  ['stage=rules', /^stage "rules": there are: rule, known, /],
  ['input=glance', /^input "glance": this agent has: nova$/],
  ['label=no.such', /^label "no\.such": no label of this agent matches/],
  ['label=', /^label "": a glob/],
  ['label=%7Ba,b%7D', /^label "\{a,b\}": a glob/],
  ['label=%1b[2J', /^label "\\u001b\[2J": a glob/],
  [`label=${'*'.repeat(101)}`, /a glob/],
  ['label=*&'.repeat(17), /^label: at most 16$/],
  ['service=', /^service: a name/],
  ['service=a%0ab', /^service: a name/],
  [`service=${'a'.repeat(101)}`, /^service: a name/],
  ['rate=0', /^rate: records a second, from 1 to 1000$/],
  ['rate=1001', /^rate/],
  ['rate=1.5', /^rate/],
  ['rate=1e2', /^rate/],
  ['count=0', /^count: a number from 1/],
  ['__proto__=1', /^there is no "__proto__"/],
] as const)
  test(`${query.slice(0, 40)} is refused in words`, (t) => {
    const read = readRequest(new URLSearchParams(query), KNOWN);
    t.regex('problem' in read ? read.problem : '', problem);
  });
