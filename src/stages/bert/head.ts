/** A final layer that replaces the graph's own: it reads what the encoder makes of a text, and what the graph's own layer says of it. */
export interface Head {
  /** Rows: one for each label of `model.json`. */
  readonly labels: number;
  /** Width of the graph's `pooled` output. */
  readonly pooled: number;
  /** Width of the graph's `logits` output. */
  readonly logits: number;
  /** Of each label: weights of `pooled`, weights of `logits`, and what is added. */
  readonly weights: Float32Array;
}

export type HeadShape = Omit<Head, 'weights'>;

/** Numbers that a layer of this shape has. */
function sizeOf({ labels, pooled, logits }: HeadShape): number {
  return labels * (pooled + logits + 1);
}

/** The logits of the layer for one text, from the graph's two outputs. */
export function applyHead({ labels, pooled: width, weights }: Head, pooled: Float32Array, logits: Float32Array): Float32Array {
  const answer = new Float32Array(labels);
  const stride = width + logits.length + 1;
  for (let label = 0; label < labels; label++) {
    const at = label * stride;
    let sum = weights[at + stride - 1] ?? 0;
    for (let i = 0; i < width; i++) sum += (weights[at + i] ?? 0) * (pooled[i] ?? 0);
    for (let i = 0; i < logits.length; i++) sum += (weights[at + width + i] ?? 0) * (logits[i] ?? 0);
    answer[label] = sum;
  }
  return answer;
}

/** The bytes of `head.bin`: the weights as little-endian 32-bit floats, without a header. */
export function encodeHead({ weights }: Head): Buffer {
  const bytes = Buffer.allocUnsafe(4 * weights.length);
  for (let i = 0; i < weights.length; i++) bytes.writeFloatLE(weights[i] ?? 0, 4 * i);
  return bytes;
}

/** The layer that {@link encodeHead} wrote, or what is wrong with its bytes. */
export function decodeHead(bytes: Buffer, shape: HeadShape): Head | string {
  const { labels, pooled, logits } = shape;
  const size = 4 * sizeOf(shape);
  if (bytes.length !== size)
    return `it has ${bytes.length} bytes, and ${labels} labels over ${pooled} + ${logits} numbers take ${size} as 32-bit floats`;
  const weights = Float32Array.from({ length: size / 4 }, (_, i) => bytes.readFloatLE(4 * i));
  return weights.every(Number.isFinite) ? { ...shape, weights } : 'it holds values that are no numbers';
}
