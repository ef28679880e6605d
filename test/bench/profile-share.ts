import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A function of a profile as V8 writes it (https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-ProfileNode). */
interface Node {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

interface Profile {
  readonly nodes: readonly Node[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** Work of a process's main thread, in seconds. */
export interface Work {
  readonly all: number;
  /** In which a function of certain files was at work, itself or by what it called. */
  readonly within: number;
}

/**
 * The work of a process that was profiled, and of these files in it. `folder` holds what `node --cpu-prof --cpu-prof-dir` wrote. Their share is the same
 * on a machine that is busy, which a rate is not.
 */
export function profiledWork(folder: string, files: RegExp): Work {
  const [name] = readdirSync(folder).filter((file) => file.endsWith('.cpuprofile'));
  if (name === undefined) throw new Error(`no profile in ${folder}`);
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Profile;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const inside = new Set<number>();
  const mark = (node: Node, within: boolean): void => {
    const here = within || files.test(node.callFrame.url);
    if (here) inside.add(node.id);
    for (const child of node.children ?? []) {
      const called = byId.get(child);
      if (called !== undefined) mark(called, here);
    }
  };
  const [root] = nodes;
  if (root !== undefined) mark(root, false);
  let [all, within] = [0, 0];
  samples.forEach((id, i) => {
    if (byId.get(id)?.callFrame.functionName === '(idle)') return;
    const seconds = (timeDeltas[i] ?? 0) / 1e6;
    all += seconds;
    if (inside.has(id)) within += seconds;
  });
  return { all, within };
}
