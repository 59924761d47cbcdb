import type { Row } from '../inputs/input-check.js';
import type { TensorData } from './graph.js';

/** Turns validated rows into the model's input tensors. Order comes from the manifest, never from object keys. */
export interface Encoder {
  /** @returns one tensor per input of the graph, in the manifest's order; the first dimension is `rows.length`. */
  encode(rows: readonly Row[]): readonly TensorData[];
}
