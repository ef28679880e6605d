/** Letters, and digits as names of kinds have them (`ipv4`, `l3`, `sha256`); two characters at least, one letter at least. */
export function isWord(word: string): boolean {
  return /^(?=.*[a-z])[a-z0-9]{2,24}$/.test(word) && word.replaceAll(/[a-z]/g, '').length <= 3;
}

/**
 * Words of statements and loggers that are first of all something else in a log: names of persons and hosts, words that people take for passwords.
 * What is no name to a reader of logs stays, also where it is one to others (`mark`, `will`, `grant`), and so do the words of the domain
 * (`admin`, `root`, `guest`, `secret`): they say what happened.
 */
export const NOT_WORDS: ReadonlySet<string> = new Set(
  (
    'blah boom cassandra dog ed hedvig juno kit liberty maria meditation monkey newton ns1 ns4 ns5 rocky sid stein victoria'
  ).split(' '),
);
