import type { Row } from '../inputs/input-check.js';
import type { Encoder } from './encoder.js';
import type { TensorData } from './graph.js';
import type { TextSizes } from './text-sizes.js';

/** Several encoders, one behind the other: numbers beside texts. */
export class PartsEncoder implements Encoder {
  readonly texts: readonly TextSizes[];

  constructor(private readonly parts: readonly Encoder[]) {
    this.texts = parts.flatMap(({ texts = [] }) => texts);
  }

  encode(rows: readonly Row[]): readonly TensorData[] {
    return this.parts.flatMap((part) => part.encode(rows));
  }
}
