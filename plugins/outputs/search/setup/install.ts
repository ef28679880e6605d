import { refusal } from '../answer.js';
import type { SearchClient } from '../client.js';
import { type Plan, Refused, type Step } from './look.js';

/** What of a plan would be changed, in order. Foreign pieces are left alone unless `force` says so. */
export function toInstall({ steps }: Plan, force: boolean): readonly Step[] {
  return steps.filter(({ state }) => state === 'missing' || state === 'different' || (force && state === 'foreign'));
}

/** Carries out steps in order, and ends with the first that is refused. @throws Refused, or the client's error where there is no connection. */
export async function install(client: SearchClient, steps: readonly Step[]): Promise<void> {
  for (const { piece, query } of steps) {
    const body = piece.body === null ? {} : { body: JSON.stringify(piece.body) };
    const answer = await client.request({ method: 'PUT', path: piece.path, query, ...body });
    if (answer.status < 200 || answer.status > 299) throw new Refused(`PUT ${piece.path}: ${refusal(answer.status, answer.body)}`);
  }
}

/**
 * What is not as wanted after the installation, as a plan that was made anew shows it. What a server has beside that is no fault: versions to come may
 * add more.
 */
export function faultsAfter({ steps }: Plan): readonly string[] {
  return steps.flatMap(({ piece, state, changes }) => {
    if (state === 'missing') return [`${piece.path} is not there`];
    return changes
      .filter(({ wanted }) => wanted !== null)
      .map(({ path, had, wanted }) => `${piece.path}: ${path} is ${had}, not ${wanted}`);
  });
}
