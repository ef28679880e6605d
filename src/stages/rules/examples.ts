import { type HttpExchange, LogRecord, type RecordError } from '../../record/record.js';
import type { Source } from '../../record/source.js';
import { normalLogger } from './compiled-rule.js';
import { type ConditionField, isConditionField, keptName } from './condition.js';
import { RuleEngine } from './engine.js';
import type { LoadedRule } from './load.js';
import type { Rule, RuleExample } from './schema.js';

/** An example that did not come out as its rule says. */
export interface ExampleFailure {
  readonly rule: LoadedRule;
  readonly message: string;
}

const EXAMPLE_SOURCE: Source = {
  id: 'example',
  input: 'example',
  name: 'example',
  program: '',
  host: 'localhost',
  timezone: 'Etc/UTC',
  format: 'auto',
};

/**
 * Asks the whole pack for every example of every rule. A `match` example that another rule wins is a failure too: that is how a rule which can
 * never be reached, because an earlier one takes all that it would match, comes to light.
 */
export function checkExamples(rules: readonly LoadedRule[]): { examples: number; failures: ExampleFailure[] } {
  const engine = new RuleEngine(rules.map((rule) => rule.compiled));
  const failures: ExampleFailure[] = [];
  let examples = 0;
  for (const loaded of rules) {
    const { rule } = loaded;
    const winners = rule.examples.match.map((example) => ({ example, winner: engine.match(exampleRecord(rule, example)) }));
    const shadows = new Set(winners.map(({ winner }) => winner?.id ?? ''));
    if (!shadows.has(rule.id) && !shadows.has('')) {
      failures.push({ rule: loaded, message: `can never win on its own examples: ${[...shadows].join(', ')} comes first` });
    } else {
      for (const { example, winner } of winners) {
        if (winner?.id !== rule.id)
          failures.push({ rule: loaded, message: `example ${show(example)} is won by ${winner?.id ?? 'no rule'}` });
      }
    }
    const unwanted = rule.examples.no_match ?? [];
    for (const example of unwanted) {
      if (engine.match(exampleRecord(rule, example))?.id === rule.id) {
        failures.push({ rule: loaded, message: `example ${show(example)} should not match, but does` });
      }
    }
    examples += winners.length + unwanted.length;
  }
  return { examples, failures };
}

/** The record that an example stands for: what it does not say is taken from the rule's first logger, level, program and format. */
export function exampleRecord(rule: Rule, example: RuleExample): LogRecord {
  const given = typeof example === 'string' ? { message: example } : example;
  const record = new LogRecord(EXAMPLE_SOURCE, 0, given.message);
  record.logger = given.logger ?? normalLogger(rule.logger?.[0] ?? '').replace(/\.\*$/, '.example');
  record.level = given.level ?? rule.level?.[0] ?? 'INFO';
  record.program = given.program ?? (rule.program?.[0] ?? '').replace(/\*$/, 'example');
  record.format = given.format ?? rule.format?.[0] ?? 'oslo';
  if (given.error !== undefined) error(record).type = given.error;
  if (given.status !== undefined) http(record).status = given.status;
  for (const [name, value] of Object.entries(given.where ?? {})) {
    if (isConditionField(name)) SETTERS[name](record, value);
    else record.fields = { ...record.fields, [keptName(name) ?? name]: value };
  }
  return record;
}

const SETTERS: Readonly<Record<ConditionField, (record: LogRecord, value: string | number) => void>> = {
  'http.status': (record, value) => {
    http(record).status = Number(value);
  },
  'http.method': (record, value) => {
    http(record).method = String(value);
  },
  'http.path': (record, value) => {
    http(record).path = String(value);
  },
  'http.client_ip': (record, value) => {
    http(record).clientIp = String(value);
  },
  'error.type': (record, value) => {
    error(record).type = String(value);
  },
  'error.message': (record, value) => {
    error(record).message = String(value);
  },
  pid: (record, value) => {
    record.pid = Number(value);
  },
  host: (record, value) => {
    record.host = String(value);
  },
  function: (record, value) => {
    record.functionName = String(value);
  },
};

function http(record: LogRecord): HttpExchange {
  record.http ??= {
    clientIp: '',
    method: 'GET',
    path: '/',
    version: '1.1',
    status: -1,
    bytes: -1,
    duration: -1,
    userAgent: '',
    referrer: '',
  };
  return record.http;
}

function error(record: LogRecord): RecordError {
  record.error ??= { type: '', message: '', stackTrace: '' };
  return record.error;
}

function show(example: RuleExample): string {
  return JSON.stringify(typeof example === 'string' ? example : example.message);
}
