import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { TensorSpec } from '../artifacts/manifest.js';
import type { Row } from '../inputs/input-check.js';
import type { Encoder } from './encoder.js';
import type { TensorData } from './graph.js';
import { shapesAgree } from './tensor-shape.js';

/** An input as it is, a column of strings `[rows, 1]`: for a graph that reads words by itself. */
export class StringEncoder implements Encoder {
  constructor(
    private readonly input: string,
    [tensor]: readonly TensorSpec[],
  ) {
    if (tensor?.datatype !== 'BYTES' || !shapesAgree(tensor.shape, [-1, 1])) {
      throw new ArtifactFault(`manifest.json/encoding: "${input}" needs a BYTES tensor of one column`);
    }
  }

  encode(rows: readonly Row[]): readonly TensorData[] {
    return [{ data: rows.map((row) => String(row[this.input])), dims: [rows.length, 1] }];
  }
}
