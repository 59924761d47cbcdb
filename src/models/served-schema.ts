import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { Manifest } from '../artifacts/manifest.js';
import { inputSchema, type InputSchema, schemaDifferences } from '../inputs/input-schema.js';
import { manifestSchema } from '../inputs/manifest-schema.js';
import type { ModelDefinition } from './model-definition.js';

/**
 * The schema by which a version's inputs are checked: that of the model's DTO where `definitions` has one, else the one
 * its manifest gives.
 * @throws ArtifactFault if the DTO asks for other inputs than the manifest.
 */
export function servedSchema(manifest: Manifest, definitions: readonly ModelDefinition[]): InputSchema {
  const ofManifest = manifestSchema(manifest);
  const definition = definitions.find(({ name }) => name === manifest.model);
  if (definition === undefined) return ofManifest;
  const ofDto = inputSchema(definition.input);
  const [difference] = schemaDifferences(ofDto, ofManifest);
  if (difference !== undefined) throw new ArtifactFault(`the DTO does not fit the manifest: ${difference}`);
  return ofDto;
}
