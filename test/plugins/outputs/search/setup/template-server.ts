import type { Engine, SearchClient, SearchRequest, SearchResponse } from '../../../../../plugins/outputs/search/client.js';

type Json = Record<string, unknown>;

/** The endpoints for templates, policies and data streams of a search server, in memory, with what real ones add to what they were given and write otherwise. */
export class TemplateServer implements SearchClient {
  /** What was put, by path. */
  readonly stored = new Map<string, Json>();
  readonly requests: string[] = [];
  #sequence = 0;

  constructor(
    readonly engine: Engine,
    readonly options: { readonly lifecycle?: boolean; readonly refuse?: string } = {},
  ) {}

  /** Requests that changed something. */
  get changes(): readonly string[] {
    return this.requests.filter((request) => !request.startsWith('GET'));
  }

  async request({ method, path, query = {}, body }: SearchRequest): Promise<SearchResponse> {
    this.requests.push(`${method} ${path}`);
    const name = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
    const policies = this.engine === 'elasticsearch' ? '/_ilm/policy/' : '/_plugins/_ism/policies/';
    if ((path.includes('_ilm') || path.includes('_ism')) && (!path.startsWith(policies) || this.options.lifecycle === false))
      return answer(400, { error: `no handler found for uri [${path}] and method [${method}]`, status: 400 });
    if (method === 'GET') return this.#get(path, name);
    if (this.options.refuse === path) return refused(403, 'security_exception', 'action is unauthorized');
    const parsed: Json = body === undefined ? {} : JSON.parse(String(body));
    const problem = this.#problem(path, name, parsed, query);
    if (problem !== null) return problem;
    this.#sequence++;
    this.stored.set(path, path.includes('_ism') ? { _seq_no: this.#sequence, _primary_term: 1, ...parsed } : parsed);
    return answer(200, { acknowledged: true });
  }

  async close(): Promise<void> {}

  #get(path: string, name: string): SearchResponse {
    const found = this.stored.get(path);
    if (found === undefined) return refused(404, 'resource_not_found_exception', `${name} not found`);
    if (path.startsWith('/_ilm')) return answer(200, { [name]: { version: 3, modified_date: '2026-03-02', ...found, in_use_by: {} } });
    if (path.includes('_ism')) return answer(200, ismAnswer(name, found));
    if (path.startsWith('/_data_stream')) return answer(200, { data_streams: [{ name, generation: 1, status: 'GREEN' }] });
    const kind = path.startsWith('/_index_template') ? 'index_template' : 'component_template';
    return answer(200, { [`${kind}s`]: [{ name, [kind]: this.#template(found) }] });
  }

  #template(given: Json): Json {
    const { template = {}, data_stream: stream, ...rest } = structuredClone(given) as { template?: Json; data_stream?: Json };
    const settings = template['settings'];
    if (typeof settings === 'object' && settings !== null) template['settings'] = { index: nested(settings as Json) };
    const added =
      this.engine === 'elasticsearch' ? { hidden: false, allow_custom_routing: false } : { timestamp_field: { name: '@timestamp' } };
    const times = this.engine === 'elasticsearch' ? { created_date_millis: 1, modified_date_millis: 2 } : {};
    return {
      ...rest,
      ...times,
      ...('template' in given ? { template } : {}),
      ...(stream === undefined ? {} : { data_stream: { ...stream, ...added } }),
    };
  }

  #problem(path: string, name: string, body: Json, query: Readonly<Record<string, string>>): SearchResponse | null {
    if (path.includes('_ism')) {
      const found = this.stored.get(path);
      if (found !== undefined && query['if_seq_no'] !== String(found['_seq_no']))
        return refused(409, 'version_conflict_engine_exception', `${name}: version conflict`);
    }
    if (path.startsWith('/_index_template'))
      for (const component of body['composed_of'] as string[])
        if (!this.stored.has(`/_component_template/${component}`))
          return refused(400, 'invalid_index_template_exception', `component templates [${component}] that do not exist`);
    if (path.startsWith('/_data_stream') && ![...this.stored].some(([, template]) => 'data_stream' in template))
      return refused(400, 'illegal_argument_exception', `no matching index template found for data stream [${name}]`);
    return null;
  }
}

function answer(status: number, body: object): SearchResponse {
  return { status, body: JSON.stringify(body), retryAfterMs: null };
}

function refused(status: number, type: string, reason: string): SearchResponse {
  return answer(status, { error: { root_cause: [{ type, reason }], type, reason }, status });
}

/** `index.a.b: true` as `{ a: { b: 'true' } }`. */
function nested(settings: Json): Json {
  const root: Json = {};
  for (const [name, value] of Object.entries(settings)) {
    const parts = name.replace(/^index\./, '').split('.');
    const last = parts.pop() ?? '';
    let at = root;
    for (const part of parts) {
      at[part] ??= {};
      at = at[part] as Json;
    }
    at[last] = String(value);
  }
  return root;
}

function ismAnswer(name: string, { policy, ...rest }: Json): Json {
  const { states, ism_template: templates, ...of } = policy as { states: { actions: Json[] }[]; ism_template: Json[] };
  const retry = { count: 3, backoff: 'exponential', delay: '1m' };
  const added = states.map((state) => ({
    ...state,
    actions: state.actions.map((action) => ({
      retry,
      ...('rollover' in action ? { rollover: { ...(action['rollover'] as Json), copy_alias: false } } : action),
    })),
  }));
  return {
    _id: name,
    _version: 1,
    ...rest,
    policy: {
      policy_id: name,
      last_updated_time: 1_772_446_272_123,
      schema_version: 21,
      error_notification: null,
      ...of,
      states: added,
      ism_template: templates.map((template) => ({ ...template, last_updated_time: 1_772_446_272_000 })),
    },
  };
}
