import { VersionNotFound, VersionNotReady, VersionRefused } from '../errors/errors.js';
import type { ArtifactFollower } from './artifact-follower.js';
import type { ModelRegistry, VersionState } from './model-registry.js';
import type { ModelVersion } from './model-version.js';

/**
 * A version that is to be named by an alias: looked at now, opened if need be, and ready when this resolves.
 * @throws ModelNotFound, VersionNotFound, VersionNotReady (its files are still to come), VersionRefused with the reason.
 */
export async function openedVersion(
  registry: ModelRegistry,
  follower: Pick<ArtifactFollower, 'look' | 'open'>,
  model: string,
  version: string,
): Promise<ModelVersion> {
  await follower.look(model);
  assertUsable(model, registry.versionState(model, version));
  try {
    return await follower.open(model, version);
  } catch (error) {
    if (!(error instanceof VersionNotFound)) throw error;
    const now = registry.versionState(model, version);
    if (now.phase === 'loading') throw new VersionNotReady(model, version, now.reason);
    assertUsable(model, now);
    throw error;
  }
}

/** @throws VersionRefused, or VersionNotFound if it is served from memory alone, because its folder is gone. */
function assertUsable(model: string, { version, phase, loaded, reason }: VersionState): void {
  if (phase === 'refused' || phase === 'failing')
    throw new VersionRefused(`${model}/${version}`, reason ?? 'its reason is in the log');
  if (loaded !== undefined && reason !== undefined) throw new VersionNotFound(model, version);
}
