import { maskReason } from './choice.js';
import type { Letter } from './letter.js';
import { type LetterFile, readLetters } from './letter-files.js';

/** Alike letters: those of one output, reason (without its values) and label. */
export interface Group {
  readonly output: string;
  readonly reason: string;
  readonly label: string;
  letters: number;
}

/** What there is in files, and what of it would be sent. */
export interface Survey {
  readonly letters: number;
  /** Not chosen. */
  readonly skipped: number;
  /** Chosen, but brought to their output before. */
  readonly replayed: number;
  /** To be sent, by the output that refused them. */
  readonly waiting: ReadonlyMap<string, number>;
  /** The same in groups, the largest first. */
  readonly groups: readonly Group[];
  readonly unreadable: number;
  readonly torn: number;
}

/** So many groups are told apart; reasons come from outside and may all differ. */
const MAX_GROUPS = 10_000;
const OTHERS = '(others)';

/** Reads all of the files. @param progress is told of bytes as they are read */
export async function survey(
  files: readonly LetterFile[],
  isChosen: (letter: Letter) => boolean,
  isReplayed: (letter: Letter) => boolean,
  progress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Survey> {
  const counts = { letters: 0, skipped: 0, replayed: 0, unreadable: 0, torn: 0 };
  const waiting = new Map<string, number>();
  const groups = new Map<string, Group>();
  for (const file of files) {
    let told = 0;
    for await (const read of readLetters(file)) {
      signal.throwIfAborted();
      progress(read.end - told);
      told = read.end;
      if (read.kind !== 'letter') {
        counts[read.kind]++;
        continue;
      }
      const { letter } = read;
      counts.letters++;
      if (!isChosen(letter)) counts.skipped++;
      else if (isReplayed(letter)) counts.replayed++;
      else {
        waiting.set(letter.output, (waiting.get(letter.output) ?? 0) + 1);
        addTo(groups, letter);
      }
    }
    progress(file.bytes - told);
  }
  return { ...counts, waiting, groups: [...groups.values()].sort((a, b) => b.letters - a.letters) };
}

function addTo(groups: Map<string, Group>, { output, reason, label }: Letter): void {
  const named = { output, reason: maskReason(reason), label };
  const name = JSON.stringify(named);
  const group = groups.get(name) ?? (groups.size < MAX_GROUPS ? undefined : groups.get(OTHERS));
  if (group !== undefined) group.letters++;
  else if (groups.size < MAX_GROUPS) groups.set(name, { ...named, letters: 1 });
  else groups.set(OTHERS, { output: OTHERS, reason: OTHERS, label: OTHERS, letters: 1 });
}
