import { detached } from './detached.js';

/** Names come from log text: past so many, the remembered answers are dropped. */
const MAX_REMEMBERED = 4096;
/** No name is longer; what is, is cut, so that a hostile one costs no more than others. */
const MAX_NAME_LENGTH = 255;

/** The same test of names, asked once for each of those that come again and again. */
export function remembering(matches: (name: string) => boolean): (name: string) => boolean {
  const answers = new Map<string, boolean>();
  return (full) => {
    const name = full.length > MAX_NAME_LENGTH ? full.slice(0, MAX_NAME_LENGTH) : full;
    let answer = answers.get(name);
    if (answer === undefined) {
      answer = matches(name);
      if (answers.size >= MAX_REMEMBERED) answers.clear();
      answers.set(detached(name), answer);
    }
    return answer;
  };
}
