import type { KafkaConsumer, TopicPartitionOffset } from 'node-rdkafka';
import type { Source } from '../../src/record/source.js';

/** A partition of an input for as long as it is the member's; when it comes again, or is read again, that is another object. */
export interface TiedPartition {
  /** What came of it may be written: it was neither given away nor taken back. */
  readonly writable: boolean;
  /** All that was handed out up to this record's offset, it included, is stored or dead. */
  passed(offset: number): boolean;
  /** The offset at which reading may go on: all messages before it are stored or dead. */
  readonly committable: number;
}

/** What an input knows of its offsets, for the output that stores them. */
export interface OffsetBooks {
  /** The same over restarts, different for each agent: the producer's `transactional.id`. */
  readonly transactionalId: string;
  /** The member, by which the broker tells whether it still has what it commits; null while there is none, or it is about to be closed. */
  readonly consumer: KafkaConsumer | null;
  /** Of a source whose records are on their way; null where it is none of this input's. */
  partitionOf(source: Source): TiedPartition | null;
  /** Offsets that the group does not know, of all partitions that are the member's. */
  moved(): readonly TopicPartitionOffset[];
  /** The group knows these from now on. */
  stored(offsets: readonly TopicPartitionOffset[]): void;
  /** Nothing that was handed out so far counts any more: its partitions are not writable. At once. */
  forget(): void;
  /** Reads what was forgotten again, from where the group has come to. To be called when no transaction of ours is open. Never rejects. */
  rewind(): Promise<void>;
  /** Is called whenever something settles. */
  onSettled: () => void;
}

/** Stores offsets when an input asks for it. */
export interface OffsetStore {
  /**
   * Commits what is written and the offsets with it. Resolves when that is done, or undone: then everything is forgotten. Never rejects.
   * @param withinMs after so long it is undone
   * @param then called after the commit, before anything else is written
   */
  commit(withinMs: number, then: () => void): Promise<void>;
  /** Resolves when no call is under way that uses the consumer; none begins any more once the books have none. */
  released(): Promise<void>;
}

/** An input whose offsets may be stored by an output. */
export interface TiedInput {
  /** From now on the input commits nothing by itself. To be called once, before the first read. */
  tieTo(store: OffsetStore): OffsetBooks;
}

/** The only input, where it is one that can be tied. */
export function tiedInput(inputs: readonly object[]): TiedInput | null {
  const [input] = inputs;
  return inputs.length === 1 && input !== undefined && isTied(input) ? input : null;
}

function isTied(input: object): input is TiedInput {
  return 'tieTo' in input && typeof input.tieTo === 'function';
}
