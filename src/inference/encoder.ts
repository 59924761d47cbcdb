import type { Manifest } from '../artifacts/manifest.js';
import type { VersionFolder } from '../artifacts/version-folder.js';
import type { Row } from '../inputs/input-check.js';
import type { TensorData } from './onnx-session.js';
import { TabularEncoder } from './tabular-encoder.js';

/** Turns validated rows into the model's input tensors. Order comes from the manifest, never from object keys. */
export abstract class Encoder {
  /** @returns one tensor per input of the graph, in the manifest's order; the first dimension is `rows.length`. */
  abstract encode(rows: readonly Row[]): readonly TensorData[];
}

/** The encoder that the manifest asks for. */
export function createEncoder({ manifest }: Pick<VersionFolder, 'manifest' | 'json'>): Encoder {
  return new TabularEncoder(manifest as Manifest);
}
