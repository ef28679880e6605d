/**
 * Where lines come from: one file, one partition, one journal. Made by an input once per source and shared by all its records.
 */
export interface Source {
  /** Durable identity: the same after a restart, different for different content. Part of every record's id. */
  readonly id: string;
  /** Name of the input in the configuration. */
  readonly input: string;
  /** For people: a path, `topic/partition`, … */
  readonly name: string;
  /** The program that writes here, as far as the name tells (`nova-compute` of `/var/log/kolla/nova/nova-compute.log`), else empty. */
  readonly program: string;
  /** The host that writes here. */
  readonly host: string;
  /** IANA name of the zone of timestamps without one, such as `Europe/Berlin`. */
  readonly timezone: string;
  /** The decoder to use for every line, or `auto` to recognise each. */
  readonly format: string;
}

/**
 * Consecutive lines of one source, without their line ends. The unit that inputs yield.
 *
 * `offsets[i]` is the position of line `i` in the source's own unit (a byte, a Kafka offset, a running number) and grows strictly.
 */
export interface LineBlock {
  readonly source: Source;
  readonly lines: readonly string[];
  readonly offsets: readonly number[];
  /** The position after the last line: where reading goes on. */
  readonly end: number;
  /** Size of the lines in bytes, for the bound on what is in flight. */
  readonly bytes: number;
  /** Indices of lines that were cut at `max_line_bytes`; absent when none was. */
  readonly cut?: ReadonlySet<number>;
  /** Indices of texts that came as one and hold newlines: each is a record, or a part of one, and is not taken apart. Absent when there is none. */
  readonly whole?: ReadonlySet<number>;
  /** Each text is a record by itself: none continues another, so none is held back for a continuation. */
  readonly apart?: boolean;
  /** When each line was written, as far as whoever brought it knows, in milliseconds since the epoch; NaN if not. Stands in where a line has no time. */
  readonly times?: readonly number[];
  /** What else came with a line, by its index: fields of the record that it begins. */
  readonly fields?: ReadonlyMap<number, Readonly<Record<string, unknown>>>;
  /** The source has ended: nothing will follow, so nothing needs to be held back for a continuation. */
  readonly last?: boolean;
}
