// The champion of a model, read by the server's own code.
import { join } from 'node:path';
import { ModelAliases } from '../dist/artifacts/aliases.js';
import { listVersions } from '../dist/artifacts/artifact-store.js';
import { VersionFolder } from '../dist/artifacts/version-folder.js';
import { ModelRunner } from '../dist/runners/model-runner.js';

/** Manifest and runner of the version that aliases.json names, or of the highest. */
export async function openChampion(root, model) {
  const { aliases } = await new ModelAliases(join(root, model)).read();
  const version = aliases?.champion ?? (await listVersions(root, model)).at(-1).name;
  const folder = await VersionFolder.read(root, model, version);
  return { manifest: folder.manifest, runner: await ModelRunner.load(folder) };
}
