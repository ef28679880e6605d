import { beginsTraceback, errorSummary } from '../exception.js';
import type { JsonObject } from '../json-object.js';
import { levelOf } from '../level.js';
import { LogRecord } from '../record.js';
import { exchangeInMessage } from './access.js';
import { stripDebugSuffix } from './debug-suffix.js';
import { fieldsOf, number, text } from './json.js';
import { addLines } from './lines-in-one.js';
import { opensContext, readContext } from './oslo-context.js';
import type { DecodeState } from './state.js';

const INSTANCE = '[instance: ';

/** Fields of a record of kolla-ansible's fluentd that this decoder reads; the others are kept as fields. */
const TAKEN = new Set([
  'Timestamp',
  '@timestamp',
  'Pid',
  'log_level',
  'python_module',
  'global_request_id',
  'request_id',
  'user_id',
  'tenant_id',
  'domain_id',
  'system_scope',
  'user_domain',
  'project_domain',
  'Payload',
  'Hostname',
  'programname',
]);

/**
 * A record of kolla-ansible's fluentd (its `multiline` parser and filters). What that parser leaves in `Payload` is taken out: the context of
 * older releases or `[-]`, the instance, the prefixes of a joined traceback. A traceback's line that it made a record of its own is marked as one.
 */
export function decodeKolla(object: JsonObject, offset: number, state: DecodeState): LogRecord {
  const [first = '', ...lines] = text(object, 'Payload').replace(/^ /, '').split('\n');
  const record = new LogRecord(state.source, offset, first);
  record.format = 'kolla';
  record.level = levelOf(text(object, 'log_level'));
  record.logger = text(object, 'python_module');
  record.timestamp = state.time.iso(text(object, 'Timestamp') || text(object, '@timestamp'), 0);
  record.pid = number(object, 'Pid');
  record.host = text(object, 'Hostname') || record.host;
  record.program = text(object, 'programname') || record.program;
  let bracket = false;
  if (text(object, 'request_id') !== '') {
    bracket = true;
    record.context = {
      requestId: id(object, 'request_id'),
      globalRequestId: id(object, 'global_request_id'),
      identity: {
        userId: column(object, 'user_id'),
        projectId: column(object, 'tenant_id'),
        domainId: column(object, 'domain_id'),
        systemScope: column(object, 'system_scope'),
        userDomainId: column(object, 'user_domain'),
        projectDomainId: column(object, 'project_domain'),
      },
    };
  } else if (first.startsWith('[') && opensContext(first, 0)) {
    const close = first.indexOf(']');
    bracket = close > 0;
    if (close > 2) record.context = readContext(first, 1, close, false, state.identities);
    if (bracket) record.message = first.slice(close + 1).replace(/^ /, '');
  }
  if (record.message.startsWith(INSTANCE)) {
    const close = record.message.indexOf(']');
    if (close > 0) {
      record.instanceId = record.message.slice(INSTANCE.length, close);
      record.message = record.message.slice(close + 1).replace(/^ /, '');
    }
  }
  if (record.level === 'DEBUG') stripDebugSuffix(record);
  else record.error = errorSummary(record.message, record.level);
  if (lines.length > 0) addLines(record, lines, state);
  const split = !bracket && record.logger !== '' && (record.level === 'ERROR' || record.level === 'TRACE');
  state.traceback = split && (record.instanceId !== '' || beginsTraceback(record.message));
  record.http = exchangeInMessage(record.message, record.logger);
  record.fields = fieldsOf(object, TAKEN);
  return record;
}

function column(object: JsonObject, key: string): string {
  const value = text(object, key);
  return value === '-' || value === 'None' ? '' : value;
}

/** kolla's regular expression eats the `req-` of an id. */
function id(object: JsonObject, key: string): string {
  const value = column(object, key);
  return value === '' || value.startsWith('req-') ? value : `req-${value}`;
}
