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
  /** Where a function of one number is 0, between two numbers with values of unlike signs. */
  bisect(f: (x: number) => number, from: number, to: number): number;
}

export const { conjugateGradient, bisect } = (globalThis as unknown as { readonly fmin: Fmin }).fmin;
