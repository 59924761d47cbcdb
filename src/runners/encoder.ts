import type { Row } from '../inputs/input-check.js';
import type { TensorData } from './graph.js';
import type { TextSizes } from './text-sizes.js';

/** Turns validated rows into the model's input tensors. Order comes from the manifest, never from object keys. */
export interface Encoder {
  /** Of each text that it cuts into tokens. */
  readonly texts?: readonly TextSizes[];
  /** @returns one tensor per input of the graph, in the manifest's order; the first dimension is `rows.length`. */
  encode(rows: readonly Row[]): readonly TensorData[];
}
