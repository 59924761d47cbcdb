import { ArtifactFault } from '../artifacts/artifact-fault.js';
import { Baseline } from '../artifacts/baseline.js';
import type { Manifest } from '../artifacts/manifest.js';

/** What rows of a version are compared with, or why with nothing: a version is served all the same. */
export type VersionBaseline = Baseline | { readonly fault: string };

/** Reads the `baseline.json` of a version; undefined where it has none. */
export function baselineOf(bytes: Buffer | undefined, manifest: Manifest): VersionBaseline {
  if (bytes === undefined) return { fault: 'it has no baseline.json' };
  try {
    return Baseline.parse(bytes, manifest);
  } catch (error) {
    if (!(error instanceof ArtifactFault)) throw error;
    return { fault: error.message };
  }
}
