// The package is one UMD file that calls itself an ES module: imported, it sees neither `exports` nor `define`, and hangs itself on globalThis.
import 'fmin';

/** A point with its value and gradient. */
export interface Point {
  x: Float64Array;
  fx: number;
  fxprime: Float64Array;
}

interface Fmin {
  /** Polak and Ribière, with a line search for the strong Wolfe conditions. */
  conjugateGradient(
    f: (x: Float64Array, gradient: Float64Array) => number,
    initial: Float64Array,
    parameters: { readonly maxIterations: number },
  ): Point;
  /** For functions of few numbers, without a gradient. */
  nelderMead(f: (x: readonly number[]) => number, initial: readonly number[]): { readonly x: readonly number[]; readonly fx: number };
}

export const { conjugateGradient, nelderMead } = (globalThis as unknown as { readonly fmin: Fmin }).fmin;
