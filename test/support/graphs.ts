import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ArtifactCopy, copyTurnover } from './artifacts.js';

/** A version that is whole, but for a graph of graphs/make.py: one run never ends, or takes 4 GB. */
export function copyWithGraph(
  name: 'endless' | 'greedy',
  place: Parameters<typeof copyTurnover>[0] = {},
): ArtifactCopy {
  const copy = copyTurnover(place);
  copy.write('model.onnx', readFileSync(fileURLToPath(new URL(`graphs/${name}.onnx`, import.meta.url))));
  return copy.seal();
}
