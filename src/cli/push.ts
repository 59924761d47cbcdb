import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactFault, cannotBeRead } from '../artifacts/artifact-fault.js';
import { parseManifest } from '../artifacts/manifest-schema.js';
import { packVersion } from '../artifacts/pack-version.js';
import { Failure } from './failure.js';
import { progress } from './progress.js';
import { publish } from './publish.js';
import type { Remote } from './remote.js';

/** Brings a version folder to a server. Model and number are those of its manifest. */
export async function push(folder: string, remote: Remote): Promise<void> {
  try {
    const { model, version } = parseManifest(
      await readFile(join(folder, 'manifest.json')).catch(cannotBeRead('manifest.json')),
    );
    const { bytes, tar } = await packVersion(folder);
    const published = await publish(remote, model, progress(tar, 'sent', bytes), bytes);
    const what = published.isNew ? 'is ready on' : 'is there already, with the same files, on';
    process.stdout.write(`${model}/${version} ${what} ${remote.name}\n`);
    if (published.isChampion) process.stdout.write('it is the champion\n');
  } catch (error) {
    if (!(error instanceof ArtifactFault)) throw error;
    throw new Failure(
      `${folder} is no version folder: ${error.message}; give one such as artifacts/iris/1`,
      2,
    );
  }
}
