import { createHash } from 'node:crypto';

/**
 * The id of every record's source in a partition: the same for each member of the group, and for each key, since an offset stands once in a partition.
 * @param cluster the name that the configuration gives the cluster, to tell topics of the same name apart; may be empty
 */
export function sourceId(cluster: string, topic: string, partition: number): string {
  return createHash('sha256').update(`${cluster}/${topic}/${partition}`).digest('hex').slice(0, 16);
}
