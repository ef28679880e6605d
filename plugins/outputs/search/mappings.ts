import type { Engine, ProfileName } from './client.js';

/** What `properties` holds by name: a field, or an object of fields. */
type Properties = Readonly<Record<string, object>>;

/** Longer values are kept in the document but cannot be searched: terms end at 32,766 bytes, and no name is so long. */
const NAME_CHARS = 1024;
/** What dynamic mapping gives strings, so that searches made for such an index go on. */
const DYNAMIC_CHARS = 256;
/** Of a field's values; with its key a term stays below 32,766 bytes of UTF-8. `tame-fields.ts` keeps them shorter, OpenSearch has no such setting. */
const EXTRA_CHARS = 8191;

const KEYWORD = { type: 'keyword', ignore_above: NAME_CHARS };
/**
 * A value of a wrong type, which an ingest pipeline may make, costs its field and not the record. Not as the index's setting: that would be for
 * `@timestamp` too, and a data stream refuses it there; and Elasticsearch 7 refuses the exception.
 */
const LONG = { type: 'long', ignore_malformed: true };
const DOUBLE = { type: 'double', ignore_malformed: true };
const BOOLEAN = { type: 'boolean' };
const TIME = { type: 'date' };
/** Stored and never searched: of any length. */
const STORED = { type: 'keyword', index: false, doc_values: false };
const TEXT_AND_KEYWORD = { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: DYNAMIC_CHARS } } };

/**
 * The `mappings` of an index template for documents of a profile. Every field that the profile writes is there; others, which an ingest pipeline may
 * add, stay in the document and are not searched (`dynamic: false`), so that no record can be in conflict with another.
 */
export function mappingOf(profile: ProfileName, engine: Engine): object {
  return { dynamic: false, date_detection: false, properties: propertiesOf(profile, engine) };
}

/** The `settings` of an index template: as yet the same for both. */
export function indexSettings(_engine: Engine): Readonly<Record<string, unknown>> {
  return {
    'index.codec': 'best_compression',
    // A second, the default, makes many small segments while logs stream in.
    'index.refresh_interval': '5s',
  };
}

function propertiesOf(profile: ProfileName, engine: Engine): Properties {
  switch (profile) {
    case 'ecs':
      return ecs(engine);
    case 'otel':
      return otel(engine);
    case 'kolla':
      return kolla(engine);
  }
}

/** Prose: found by its words. `match_only_text` is small, but OpenSearch has it since 2.12 only. */
function textOf(engine: Engine): object {
  return engine === 'elasticsearch' ? { type: 'match_only_text' } : { type: 'text', norms: false };
}

/** An object whose keys nobody knows, as one field. */
function extraOf(engine: Engine): object {
  return engine === 'elasticsearch' ? { type: 'flattened', ignore_above: EXTRA_CHARS } : { type: 'flat_object' };
}

function object(properties: Properties): object {
  return { properties };
}

function each(names: readonly string[], field: object): Properties {
  return Object.fromEntries(names.map((name) => [name, field]));
}

function trilog(engine: Engine, more: Properties = {}): object {
  return object({
    ...each(['label', 'stage', 'rule', 'template_id', 'format', 'time'], KEYWORD),
    confidence: DOUBLE,
    guess: object({ label: KEYWORD, confidence: DOUBLE }),
    template: textOf(engine),
    novel: BOOLEAN,
    truncated: BOOLEAN,
    ...more,
  });
}

function openstack(engine: Engine): object {
  return object({
    ...each(['request_id', 'global_request_id', 'instance_id', 'user_id', 'project_id', 'domain_id'], KEYWORD),
    ...each(['system_scope', 'user_domain_id', 'project_domain_id'], KEYWORD),
    extra: extraOf(engine),
    extra_json: STORED,
  });
}

function ecs(engine: Engine): Properties {
  const text = textOf(engine);
  return {
    '@timestamp': TIME,
    message: text,
    log: object({
      level: KEYWORD,
      logger: KEYWORD,
      offset: LONG,
      file: object({ path: KEYWORD }),
      origin: object({ function: KEYWORD, file: object({ name: KEYWORD, line: LONG }) }),
    }),
    service: object({ name: KEYWORD }),
    host: object({ name: KEYWORD }),
    process: object({ pid: LONG }),
    event: object({ ...each(['id', 'dataset', 'kind', 'category', 'type', 'outcome'], KEYWORD), duration: LONG }),
    error: object({ type: KEYWORD, message: text, stack_trace: text }),
    http: object({
      version: KEYWORD,
      request: object({ method: KEYWORD, referrer: KEYWORD }),
      response: object({ status_code: LONG, body: object({ bytes: LONG }) }),
    }),
    url: object({ path: KEYWORD, query: KEYWORD }),
    client: object({ address: KEYWORD }),
    user_agent: object({ original: KEYWORD }),
    openstack: openstack(engine),
    trilog: trilog(engine),
  };
}

/** Attributes are written under their whole names; the servers read those as objects within objects. */
function otel(engine: Engine): Properties {
  const text = textOf(engine);
  return {
    '@timestamp': TIME,
    observed_timestamp: { type: 'date', ignore_malformed: true },
    severity_text: KEYWORD,
    severity_number: LONG,
    body: object({ text }),
    resource: object({
      attributes: object({ service: object({ name: KEYWORD }), host: object({ name: KEYWORD }), process: object({ pid: LONG }) }),
    }),
    scope: object({ name: KEYWORD }),
    attributes: object({
      log: object({ record: object({ uid: KEYWORD, template: text }), file: object({ path: KEYWORD, record_offset: LONG }) }),
      code: object({ function: object({ name: KEYWORD }), file: object({ path: KEYWORD }), line: object({ number: LONG }) }),
      exception: object({ type: KEYWORD, message: text, stacktrace: text }),
      http: object({
        request: object({ method: KEYWORD, header: object({ referer: KEYWORD }) }),
        response: object({ status_code: LONG, body: object({ size: LONG }) }),
        server: object({ request: object({ duration: DOUBLE }) }),
      }),
      network: object({ protocol: object({ version: KEYWORD }) }),
      url: object({ path: KEYWORD, query: KEYWORD }),
      client: object({ address: KEYWORD }),
      user_agent: object({ original: KEYWORD }),
      openstack: openstack(engine),
    }),
    trilog: trilog(engine),
  };
}

/** Every string as dynamic mapping had it. Names that only fluentd writes are there too, since it may go on beside trilog in the same index. */
function kolla(engine: Engine): Properties {
  return {
    '@timestamp': TIME,
    ...each(['Hostname', 'Logger', 'programname', 'Pid', 'log_level', 'python_module', 'module', 'Payload'], TEXT_AND_KEYWORD),
    ...each(['request_id', 'global_request_id', 'user_id', 'tenant_id', 'domain_id', 'system_scope'], TEXT_AND_KEYWORD),
    ...each(['user_domain', 'project_domain', 'clientip', 'http_method', 'http_url', 'http_version', 'http_status'], TEXT_AND_KEYWORD),
    ...each(['http_bytes', 'http_response_time_us', 'referrer', 'agent'], TEXT_AND_KEYWORD),
    ...each(['App', 'Req', 'Address', 'User', 'Vars', 'Bytes'], TEXT_AND_KEYWORD),
    ...each(['Timestamp', 'timestamp', 'ident', 'auth', 'rawrequest'], TEXT_AND_KEYWORD),
    trilog: trilog(engine, { id: KEYWORD, extra: extraOf(engine), extra_json: STORED }),
  };
}
