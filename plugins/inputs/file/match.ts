import { familyOf } from '../../../src/record/log-name.js';
import { fingerprintOf, HEAD_BYTES, startsAlike } from './fingerprint.js';
import type { Entry } from './positions.js';
import type { Candidate } from './probe.js';

/** An entry, with the first bytes of its content where they are in memory. */
export interface Remembered {
  readonly entry: Entry;
  readonly head?: Buffer | undefined;
  /** It is being read through an open descriptor, so its file is known to be the one with its inode. */
  readonly held?: boolean | undefined;
}

/** Which contents are known, and where. */
export interface Matches {
  /** The content that a file holds. Several files may hold one: a log and its copy. A file without an owner is new. */
  readonly owner: Map<Candidate, Entry>;
  /** The best file to read a content from. */
  readonly place: Map<Entry, Candidate>;
  /** Files that are, as far as they go, the start of a known content: perhaps a copy that is being made. They are looked at again when they change. */
  readonly unripe: Set<Candidate>;
}

/**
 * Says which file holds which remembered content. Never by inode alone, which file systems use again, and never by name alone, which rotation
 * passes on: the first bytes have to fit. Inode, family and size decide between files that begin alike.
 */
export function match(remembered: Iterable<Remembered>, candidates: readonly Candidate[]): Matches {
  const known = new Index(remembered);
  const matches: Matches = { owner: new Map(), place: new Map(), unripe: new Set() };
  // The file that still is what it was comes first: whether another one is its copy depends on it.
  const intact = new Map<Entry, Candidate>();
  for (const candidate of candidates) {
    const own = known.fitting(candidate).find((entry) => sameFile(entry, candidate) && candidate.size >= entry.read);
    if (own === undefined) continue;
    intact.set(own, candidate);
    matches.owner.set(candidate, own);
    matches.place.set(own, candidate);
  }
  for (const candidate of candidates) {
    if (matches.owner.has(candidate)) continue;
    const family = familyOf(candidate.path);
    const owner = known
      .fitting(candidate)
      .filter((entry) => !sameFile(entry, candidate) && familyOf(entry.path) === family)
      .find((entry) => isCopy(entry, candidate, intact.get(entry), known.held.has(entry)));
    if (owner !== undefined) {
      matches.owner.set(candidate, owner);
      if (!intact.has(owner) && better(candidate, matches.place.get(owner))) matches.place.set(owner, candidate);
    } else if (known.mayBecome(candidate, family)) {
      matches.unripe.add(candidate);
    }
  }
  return matches;
}

function sameFile(entry: Entry, candidate: Candidate): boolean {
  return entry.dev === candidate.dev && entry.ino === candidate.ino;
}

/** Whether a file that begins like a content, but is not the file that is known to hold it, holds it as well, or instead. */
function isCopy(entry: Entry, candidate: Candidate, intact: Candidate | undefined, held: boolean): boolean {
  if (candidate.gzip) return true;
  // Of a log that is being written a copy may be in the making; one that was renamed is not copied any more, so what begins like it is new.
  if (intact !== undefined) return intact.path === entry.path && candidate.size <= intact.size;
  if (candidate.path !== entry.path) return true;
  // Another file under the content's own name: restored, or on a file system that has another number since a reboot.
  return !held && candidate.size >= entry.read && (candidate.ino === entry.ino || entry.fingerprint.length === HEAD_BYTES);
}

/** A plain file is read from more cheaply than a compressed one; of several the longest holds most. */
function better(a: Candidate, b: Candidate | undefined): boolean {
  if (b === undefined) return true;
  if (a.gzip !== b.gzip) return !a.gzip;
  return a.size > b.size;
}

/** Entries by what is compared, so that many entries and many files are not compared pair by pair. */
class Index {
  readonly held = new Set<Entry>();
  readonly #byFingerprint = new Map<string, Entry[]>();
  readonly #lengths: number[];
  readonly #emptyByInode = new Map<string, Entry>();
  readonly #headsByFamily = new Map<string, { entry: Entry; head: Buffer }[]>();

  constructor(remembered: Iterable<Remembered>) {
    const lengths = new Set<number>();
    for (const { entry, head, held } of remembered) {
      if (held) this.held.add(entry);
      const { length, hash } = entry.fingerprint;
      if (length === 0) {
        this.#emptyByInode.set(`${entry.dev}:${entry.ino}`, entry);
        continue;
      }
      lengths.add(length);
      append(this.#byFingerprint, `${length}:${hash}`, entry);
      if (head !== undefined) append(this.#headsByFamily, familyOf(entry.path), { entry, head });
    }
    this.#lengths = [...lengths].sort((a, b) => b - a);
  }

  /** Entries of which the fingerprint fits, the longest first. */
  fitting(candidate: Candidate): Entry[] {
    const found: Entry[] = [];
    for (const length of this.#lengths) {
      if (length > candidate.head.length) continue;
      found.push(...(this.#byFingerprint.get(`${length}:${fingerprintOf(candidate.head, length).hash}`) ?? []));
    }
    // Of a file that was empty nothing but its inode is known, and that nothing of it was missed.
    const empty = this.#emptyByInode.get(`${candidate.dev}:${candidate.ino}`);
    if (empty !== undefined) found.push(empty);
    return found;
  }

  mayBecome(candidate: Candidate, family: string): boolean {
    if (candidate.head.length === 0) return false;
    return (this.#headsByFamily.get(family) ?? []).some(
      ({ entry, head }) => !sameFile(entry, candidate) && candidate.head.length < head.length && startsAlike(candidate.head, head),
    );
  }
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
