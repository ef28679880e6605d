/**
 * Whether a name fits a glob: `*` is any characters or none, `?` any one, everything else itself. It takes at most (length of the glob) × (length of the name)
 * steps: globs come from whoever can reach the port, and names from log text, so an expression that backtracks would be a way to hold the agent.
 */
export function matchesGlob(glob: string, name: string): boolean {
  let at = 0;
  let seen = 0;
  /** Behind the last star, and where in the name it ends for now. */
  let star = -1;
  let covered = 0;
  while (seen < name.length) {
    if (glob[at] === '*') {
      star = ++at;
      covered = seen;
    } else if (at < glob.length && (glob[at] === '?' || glob[at] === name[seen])) {
      at++;
      seen++;
    } else if (star >= 0) {
      // The last star takes one character more. What earlier stars take never has to change.
      at = star;
      seen = ++covered;
    } else {
      return false;
    }
  }
  while (glob[at] === '*') at++;
  return at === glob.length;
}
