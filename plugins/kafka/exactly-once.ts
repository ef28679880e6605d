import { z } from 'zod';
import type { Companion } from '../../src/plugin/contract.js';

/** Of a Kafka input, what decides whether its offsets can be stored with the records. */
const input = z.object({
  brokers: z.array(z.string()),
  isolation: z.string(),
  librdkafka: z.record(z.string(), z.unknown()),
});

/** Why a Kafka output cannot write exactly once in this company, in words; null where it can. @param brokers of the output */
export function exactlyOnceProblem(brokers: readonly string[], company: readonly Companion[]): string | null {
  const need = 'delivery: exactly_once needs';
  if (company.filter(({ kind }) => kind === 'output').length > 1)
    return `${need} to be the only output: what another one has stored cannot be taken back with a transaction`;
  const inputs = company.filter(({ kind }) => kind === 'input');
  const [only] = inputs;
  if (only === undefined || inputs.length > 1 || only.type !== 'kafka')
    return `${need} exactly one input, of type kafka, whose offsets are stored with the records; there ${inputs.length === 1 ? 'is' : 'are'} ${namesOf(inputs)}`;
  const parsed = input.safeParse(only.config);
  if (!parsed.success) return `${need} the input kafka that comes with trilog`;
  const { data } = parsed;
  if (!data.brokers.some((broker) => brokers.includes(broker)))
    return `${need} its input in the same cluster: at least one address of \`brokers\` must be the same; the input has ${data.brokers.join(', ')}`;
  if (data.isolation !== 'read_committed')
    return `${need} isolation: read_committed in its input: else it reads what other transactions take back`;
  if (data.librdkafka['group.protocol'] === 'consumer')
    return `${need} the classic group protocol in its input: without group.protocol: consumer under librdkafka`;
  return null;
}

function namesOf(inputs: readonly Companion[]): string {
  return inputs.length === 0 ? 'none' : inputs.map(({ name, type }) => `${name} (${type})`).join(', ');
}
