import type { AgentView } from '../view.js';

/** What of an agent says whether it moves. */
export type Look = Pick<AgentView['work'], 'steps' | 'classifying' | 'waiting'> & {
  readonly outputs: readonly { readonly queued: number; readonly atWork: boolean }[];
};

/** The agent as it is now; it changes, a look does not. */
export function lookAt({ work, outputs }: Pick<AgentView, 'work' | 'outputs'>): Look {
  const { steps, classifying, waiting } = work;
  return { steps, classifying, waiting, outputs: outputs.map(({ queued, atWork }) => ({ queued, atWork })) };
}

/**
 * Whether an agent stood still between two looks though there was work that is its own. Who has nothing to do does not stand still, nor does who waits for
 * an output: a write that is under way, or tried again and again, is the other side's to end, and a new process would wait for it as well.
 */
export function standsStill(before: Look, now: Look): boolean {
  if (now.steps !== before.steps) return false;
  if (before.classifying > 0 && now.classifying > 0) return true;
  const idle = ({ outputs }: Look): boolean => outputs.some(({ queued, atWork }) => queued > 0 && !atWork);
  if (idle(before) && idle(now)) return true;
  // It waits for room although nothing that takes room is on its way.
  const nothingUnderWay = ({ waiting, outputs }: Look): boolean => waiting > 0 && outputs.every(({ queued }) => queued === 0);
  return nothingUnderWay(before) && nothingUnderWay(now);
}
