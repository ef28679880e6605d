import { type RetentionDays, rolloverDays } from './retention.js';
import { patternOf, type SetupTarget } from './target.js';

/** A shard of this size is still quick to move and to recover. */
const ROLLOVER_SIZE = '25gb';

/** What the description of an ISM policy begins with that trilog made: such a policy has no `_meta`. */
export const ISM_MARK = 'trilog: ';

/** Above what people give theirs, who mostly write 100 or nothing. */
const ISM_PRIORITY = 520;

/**
 * A policy of Elasticsearch's index lifecycle management (https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-ilm-put-lifecycle).
 * What the server would add is written out, so that what it answers is the same. A dated index is not rolled over: the next day's has another name.
 */
export function ilmPolicy(target: SetupTarget, retention: RetentionDays, meta: object): object {
  const actions =
    target.kind === 'data_stream' ? { rollover: { max_age: `${rolloverDays(retention)}d`, max_primary_shard_size: ROLLOVER_SIZE } } : {};
  const hot = { min_age: '0ms', actions };
  const last =
    retention === null ? {} : { delete: { min_age: `${retention}d`, actions: { delete: { delete_searchable_snapshot: true } } } };
  return { policy: { _meta: meta, phases: { hot, ...last } } };
}

/**
 * A policy of OpenSearch's index state management (https://docs.opensearch.org/latest/im-plugin/ism/policies/). It goes to indices that are made later
 * and match its `ism_template`; of a data stream the stream's name counts.
 */
export function ismPolicy(target: SetupTarget, retention: RetentionDays): object {
  const rolled = target.kind === 'data_stream';
  const rollover = { rollover: { min_index_age: `${rolloverDays(retention)}d`, min_primary_shard_size: ROLLOVER_SIZE } };
  const conditions = { [rolled ? 'min_rollover_age' : 'min_index_age']: `${retention}d` };
  const write = {
    name: 'write',
    actions: rolled ? [rollover] : [],
    transitions: retention === null ? [] : [{ state_name: 'delete', conditions }],
  };
  const gone = { name: 'delete', actions: [{ delete: {} }], transitions: [] };
  return {
    policy: {
      description: `${ISM_MARK}${rolled ? 'begins new backing indices' : 'dated indices'}${retention === null ? '' : `, deletes after ${retention} days`}`,
      default_state: 'write',
      states: retention === null ? [write] : [write, gone],
      ism_template: [{ index_patterns: [patternOf(target)], priority: ISM_PRIORITY }],
    },
  };
}
