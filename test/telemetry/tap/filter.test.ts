import test from 'ava';
import { LogRecord } from '../../../src/record/record.js';
import { compileFilter } from '../../../src/telemetry/tap/filter.js';
import type { TapRequest } from '../../../src/telemetry/tap/request.js';

const ALL: TapRequest = { labels: [], level: null, stage: null, input: null, service: null, rate: 20, count: null };
const SOURCE = { id: 's', input: 'logs', name: 's', program: 'nova-compute', host: 'h', timezone: 'Etc/UTC', format: 'auto' };

function record(fields: Partial<Pick<LogRecord, 'level' | 'label' | 'stage' | 'program' | 'logger'>> = {}): LogRecord {
  return Object.assign(new LogRecord(SOURCE, 0, 'x'), { level: 'WARNING', label: 'instance.failure', stage: 'rule' }, fields);
}

for (const { title, asked, of, passes } of [
  { title: 'everything passes where nothing is asked', asked: {}, of: {}, passes: true },
  { title: 'the level itself passes', asked: { level: 'WARNING' }, of: {}, passes: true },
  { title: 'a worse level passes', asked: { level: 'WARNING' }, of: { level: 'CRITICAL' }, passes: true },
  { title: 'a lesser level does not pass', asked: { level: 'WARNING' }, of: { level: 'INFO' }, passes: false },
  { title: 'a record without a level passes no level', asked: { level: 'TRACE' }, of: { level: '' }, passes: false },
  { title: 'one glob of several is enough', asked: { labels: ['api.*', '*.failure'] }, of: {}, passes: true },
  { title: 'another label does not pass', asked: { labels: ['api.*'] }, of: {}, passes: false },
  { title: 'the stage has to be this one', asked: { stage: 'none' }, of: {}, passes: false },
  { title: 'the input has to be this one', asked: { input: 'other' }, of: {}, passes: false },
  { title: 'the service is the program', asked: { service: 'nova-*' }, of: {}, passes: true },
  {
    title: 'the service is that of the logger where no program is known',
    asked: { service: 'nova' },
    of: { program: '', logger: 'nova.x' },
    passes: true,
  },
  { title: 'another service does not pass', asked: { service: 'nova' }, of: {}, passes: false },
  { title: 'all conditions have to hold', asked: { stage: 'rule', level: 'ERROR' }, of: {}, passes: false },
] as const)
  test(title, (t) => {
    t.is(compileFilter({ ...ALL, ...asked })(record(of)), passes);
  });

test('names without end cost nothing but their beginning', (t) => {
  const filter = compileFilter({ ...ALL, service: `${'*a'.repeat(40)}b` });
  for (let i = 0; i < 3000; i++) t.false(filter(record({ program: `${i}${'a'.repeat(300)}` })));
});
