import { type AgentProcess, until } from '../../plugins/inputs/kafka/agent.js';
import type { Broker, ConsumerGroup } from './broker.js';

/** The group; empty before the first has joined. */
export async function groupOf(broker: Broker, name = 'g'): Promise<ConsumerGroup> {
  try {
    return await broker.group(name);
  } catch (error) {
    if (String(error).includes('GroupIdNotFound')) return { state: 'Dead', members: [], offsets: {} };
    throw error;
  }
}

/** Resolves when the group is settled and these agents, by their `client_id`, and no others are its members, each with partitions. */
export async function shared(broker: Broker, agents: readonly AgentProcess[], ms = 90_000): Promise<ConsumerGroup> {
  const wanted = agents
    .map(({ name }) => name)
    .toSorted()
    .join(' ');
  let group = await groupOf(broker);
  await until(
    async () => {
      group = await groupOf(broker);
      const owners = group.members.filter(({ partitions }) => partitions.length > 0);
      return group.state === 'Stable' && owners.length === group.members.length && clientsOf(group) === wanted;
    },
    () => `${wanted} share; it is ${group.state} of ${clientsOf(group)}\n${tailOf(agents)}`,
    ms,
  );
  return group;
}

function clientsOf({ members }: ConsumerGroup): string {
  return members
    .map(({ client }) => client)
    .toSorted()
    .join(' ');
}

/** Resolves when the group has committed the end of each partition: all that was written by then is stored. */
export async function allCommitted(broker: Broker, topic: string, agents: readonly AgentProcess[], ms = 120_000): Promise<void> {
  let left = '';
  await until(
    async () => {
      const [ends, { offsets }] = [await broker.ends(topic), await groupOf(broker)];
      const behind = ends.map((end, partition) => end - (offsets[topic]?.[partition] ?? 0));
      left = behind.join(' ');
      return behind.every((count) => count === 0);
    },
    () => `all is committed; behind by ${left}\n${tailOf(agents)}`,
    ms,
  );
}

/** The end of what agents said. */
export function tailOf(agents: readonly AgentProcess[]): string {
  return agents.map(({ name, said }) => `${name}: ${said.slice(-3000)}`).join('\n');
}

/** How many records a topic has. */
export async function sizeOf(broker: Broker, topic: string): Promise<number> {
  return (await broker.ends(topic)).reduce((sum, end) => sum + end, 0);
}
