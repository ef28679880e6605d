import { version } from '../version.js';
import type { AgentView } from './view.js';

const OF_COMPONENTS = ['inputs.', 'outputs.'] as const;

/** What `/status` says, as JSON. Names and numbers only, never log text. */
export function statusOf(view: AgentView, now = Date.now()) {
  const { tally, state, startedAt, inFlight, inputs, outputs } = view;
  const counted = (area: string): Record<string, number> => {
    const own = [...tally.counts].filter(([key]) =>
      area === '' ? !OF_COMPONENTS.some((kind) => key.startsWith(kind)) : key.startsWith(area),
    );
    return Object.fromEntries(own.map(([key, count]) => [key.slice(area.length), count]));
  };
  return {
    version: version(),
    state,
    up_seconds: Math.round((now - startedAt) / 1000),
    records: tally.records,
    stages: tally.stages,
    labels: Object.fromEntries([...tally.labels].sort((a, b) => b[1] - a[1])),
    in_flight_bytes: inFlight.bytes,
    in_flight_limit_bytes: inFlight.maxBytes,
    inputs: inputs.map(({ name, type, lag, newest }) => ({
      name,
      type,
      lag,
      behind_seconds: newest === null ? null : Math.max(0, Math.round((now - newest) / 1000)),
      counts: counted(`inputs.${name}.`),
    })),
    outputs: outputs.map(({ name, type, queued, failing }) => ({
      name,
      type,
      queued_records: queued,
      failing: failing === null ? null : { reason: failing.reason, for_seconds: Math.round((now - failing.since) / 1000) },
      counts: counted(`outputs.${name}.`),
    })),
    cascade: counted(''),
  };
}
