import type { VersionFolder } from '../artifacts/version-folder.js';
import type { Row } from '../inputs/input-check.js';
import type { TensorData } from './onnx-session.js';
import { TabularEncoder } from './tabular-encoder.js';
import { TfidfEncoder } from './tfidf-encoder.js';
import { TokenEncoder } from './token-encoder.js';

/** Turns validated rows into the model's input tensors. Order comes from the manifest, never from object keys. */
export interface Encoder {
  /** @returns one tensor per input of the graph, in the manifest's order; the first dimension is `rows.length`. */
  encode(rows: readonly Row[]): readonly TensorData[];
}

/** The encoder that the manifest asks for. @throws ArtifactFault if its vocabulary is not what it should be. */
export function createEncoder({ manifest, json }: Pick<VersionFolder, 'manifest' | 'json'>): Encoder {
  const { encoding } = manifest;
  switch (encoding.encoder) {
    case 'tabular':
      return new TabularEncoder(manifest.inputs, encoding, manifest.tensors);
    case 'tfidf':
      return new TfidfEncoder(encoding, json(encoding.vocabulary));
    case 'tokens':
      return new TokenEncoder(encoding, json(encoding.vocabulary));
    default: {
      const never: never = encoding;
      throw new TypeError(`unknown encoder ${String(never)}`);
    }
  }
}
