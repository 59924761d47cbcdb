import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { PartSpec, TensorSpec } from '../artifacts/manifest.js';
import type { VersionFolder } from '../artifacts/version-folder.js';
import type { Encoder } from './encoder.js';
import { PartsEncoder } from './parts-encoder.js';
import { StringEncoder } from './string-encoder.js';
import { TabularEncoder } from './tabular-encoder.js';
import { TfidfEncoder } from './tfidf-encoder.js';
import { TokenEncoder } from './token-encoder.js';

type Folder = Pick<VersionFolder, 'manifest' | 'json'>;

/** How many tensors each encoder fills. */
const TENSORS = { tabular: 1, string: 1, tfidf: 2, tokens: 1 } as const;

/** The encoder that the manifest asks for. @throws ArtifactFault if its vocabulary is not what it should be. */
export function createEncoder(folder: Folder): Encoder {
  const { encoding, tensors } = folder.manifest;
  if (encoding.encoder !== 'parts') return createPart(encoding, tensors.inputs, folder);
  const rest = [...tensors.inputs];
  const parts = encoding.parts.map((part) => createPart(part, rest.splice(0, TENSORS[part.encoder]), folder));
  if (rest.length > 0)
    throw new ArtifactFault(`manifest.json/encoding: no part fills the tensor ${rest[0]!.name}`);
  return new PartsEncoder(parts);
}

function createPart(part: PartSpec, tensors: readonly TensorSpec[], { manifest, json }: Folder): Encoder {
  switch (part.encoder) {
    case 'tabular':
      return new TabularEncoder(manifest.inputs, part, { ...manifest.tensors, inputs: tensors });
    case 'string':
      return new StringEncoder(part.input, tensors);
    case 'tfidf':
      return new TfidfEncoder(part, json(part.vocabulary));
    case 'tokens':
      return new TokenEncoder(part, json(part.vocabulary));
    default: {
      const never: never = part;
      throw new TypeError(`unknown encoder ${String(never)}`);
    }
  }
}
