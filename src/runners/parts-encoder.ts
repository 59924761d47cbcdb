import type { Row } from '../inputs/input-check.js';
import type { Encoder } from './encoder.js';
import type { TensorData } from './graph.js';

/** Several encoders, one behind the other: numbers beside texts. */
export class PartsEncoder implements Encoder {
  constructor(private readonly parts: readonly Encoder[]) {}

  encode(rows: readonly Row[]): readonly TensorData[] {
    return this.parts.flatMap((part) => part.encode(rows));
  }
}
