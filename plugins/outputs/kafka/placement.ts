import picomatch from 'picomatch';
import { detached } from '../../../src/record/detached.js';
import type { LogRecord } from '../../../src/record/record.js';
import type { KafkaOutputKeys } from './config.js';

/** Labels are few; past this many (another agent may give any) the remembered answers are dropped. */
const MAX_REMEMBERED = 4096;
/** Keys may come from log text; a longer one is cut, in characters. */
const MAX_KEY_LENGTH = 1024;

/** The topic of a record: always a name of the configuration. */
export function topicByLabel({ topic, topics }: Pick<KafkaOutputKeys, 'topic' | 'topics'>): (record: LogRecord) => string {
  if (topics.length === 0) return () => topic;
  const lines = topics.map((line) => ({ matches: picomatch(line.labels, { dot: true }), topic: line.topic }));
  const remembered = new Map<string, string>();
  return ({ label }) => {
    let answer = remembered.get(label);
    if (answer === undefined) {
      answer = lines.find(({ matches }) => matches(label))?.topic ?? topic;
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      remembered.set(detached(label), answer);
    }
    return answer;
  };
}

/** The key of a record's message; null where it has none. */
export function keyOf(key: KafkaOutputKeys['key']): (record: LogRecord) => string | null {
  switch (key) {
    case 'none':
      return () => null;
    case 'template':
      return ({ templateId }) => bounded(templateId);
    case 'host':
      return ({ host }) => bounded(host);
    case 'service':
      return ({ program }) => bounded(program);
    case 'request_id':
      return ({ context }) => bounded(context?.requestId);
    default:
      return keyOfField(key.slice('field:'.length));
  }
}

function keyOfField(path: string): (record: LogRecord) => string | null {
  const names = path.split('.');
  return ({ fields }) => {
    if (fields === null) return null;
    // A line may carry a name with dots in it.
    if (Object.hasOwn(fields, path)) return bounded(fields[path]);
    let value: unknown = fields;
    for (const name of names) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null;
      value = (value as Record<string, unknown>)[name];
    }
    return bounded(value);
  };
}

function bounded(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string' || value === '') return null;
  return value.length > MAX_KEY_LENGTH ? value.slice(0, MAX_KEY_LENGTH) : value;
}
