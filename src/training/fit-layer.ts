import { conjugateGradient } from './fmin.js';
import { layerLoss, type Problem } from './layer-loss.js';

/** After so many steps it is looked at whether more are worth it; the search for the next begins anew. */
const STEPS = 20;
/** Share of the loss that such a round must gain for another: less does not show in what the layer answers. */
const WORTH = 0.01;
const MOST_ROUNDS = 20;

/** The layer with the least loss, as {@link layerLoss} has its numbers. @param start where the search begins. */
export function fitLayer(problem: Problem, start: Float64Array): Float64Array {
  const loss = layerLoss(problem);
  let parameters = start;
  let before = Number.POSITIVE_INFINITY;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { x, fx } = conjugateGradient(loss, parameters, { maxIterations: STEPS });
    parameters = x;
    if (before - fx <= WORTH * fx) break;
    before = fx;
  }
  return parameters;
}
