import type { VersionFolder } from '../artifacts/version-folder.js';
import type { Encoder } from './encoder.js';
import { TabularEncoder } from './tabular-encoder.js';
import { TfidfEncoder } from './tfidf-encoder.js';
import { TokenEncoder } from './token-encoder.js';

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
