import { isObject, type JsonObject } from '../../../src/record/json-object.js';
import { isOwnDocument, recordFromEcs } from '../../../src/record/profiles/ecs-reader.js';
import type { Source } from '../../../src/record/source.js';
import { plain } from '../../shippers/codec.js';
import type { Enclosed } from '../../shippers/envelope.js';

const NOWHERE: Source = { id: '', input: '', name: '', program: '', host: '', timezone: 'Etc/UTC', format: 'auto' };

/**
 * What another trilog forwards in the ECS profile, as a line of oslo.log's JSON, so that nothing has to be read out of text again; null for anything else. What
 * that agent found is not taken over: this one has its own rules. The id that the record had becomes the field `forwarded_id`.
 */
export function ownDocument(document: JsonObject): Enclosed | null {
  if (!isOwnDocument(document)) return null;
  const record = recordFromEcs(document, NOWHERE);
  const { timestamp, pid, fileLine, context, error, instanceId } = record;
  const identity = context?.identity;
  const line = {
    message: record.message,
    levelname: record.level,
    name: record.logger,
    ...(Number.isNaN(timestamp) ? {} : { created: timestamp / 1000 }),
    ...(pid > 0 && { process: pid }),
    ...(record.functionName !== '' && { funcname: record.functionName }),
    ...(record.filePath !== '' && { pathname: record.filePath, lineno: fileLine }),
    ...(context !== null && {
      context: {
        request_id: context.requestId,
        global_request_id: context.globalRequestId,
        user: identity?.userId,
        project: identity?.projectId,
        domain: identity?.domainId,
        system_scope: identity?.systemScope,
        user_domain: identity?.userDomainId,
        project_domain: identity?.projectDomainId,
      },
    }),
    ...(instanceId !== '' && { extra: { instance: instanceId } }),
    ...(error !== null &&
      (error.stackTrace === '' ? { error_summary: `${error.type}: ${error.message}` } : { traceback: error.stackTrace })),
  };
  const fields = { ...(isObject(record.fields) ? record.fields : {}), forwarded_id: record.givenId };
  return { ...plain(JSON.stringify(line)), host: record.host, program: record.program, path: record.source.name, time: timestamp, fields };
}
