import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { receiveArchive } from '../artifacts/receive-archive.js';
import { VersionFolder } from '../artifacts/version-folder.js';
import { ArtifactFault } from '../artifacts/artifact-fault.js';
import { DomainError } from '../errors/errors.js';
import { Failure } from './failure.js';
import { progress } from './progress.js';
import { artifactPath, lengthOf, type Remote } from './remote.js';

const HOUR = 3_600_000;
const LIMITS = { maxBytes: 2 ** 40, maxEntries: 100_000, stallMs: 60_000, timeoutMs: 24 * HOUR };

/** Fetches a version into a folder that is not there yet: all of its files, compared with their digests, or nothing. */
export async function pull(model: string, version: string, remote: Remote, to: string): Promise<void> {
  if (existsSync(to)) throw new Failure(`${to} is there already; name a folder that is not`, 2);
  const place = resolve(to);
  const reply = await remote.send('GET', artifactPath(model, version));
  await mkdir(dirname(place), { recursive: true });
  const temporary = await mkdtemp(join(dirname(place), '.nestor-pull-'));
  try {
    const { folder } = await receiveArchive(progress(reply, 'received', lengthOf(reply)), temporary, LIMITS);
    const { manifest, contentDigest } = await VersionFolder.open(folder);
    const isAsked = manifest.model === model && manifest.version === version;
    if (!isAsked || reply.headers.etag !== `"${contentDigest}"`)
      throw new Failure(`${remote.name} sent other files than it named; nothing was kept`);
    await rename(folder, place);
    process.stdout.write(`${model}/${version} of ${remote.name} is in ${to} (sha256 ${contentDigest})\n`);
  } catch (error) {
    if (error instanceof DomainError || error instanceof ArtifactFault)
      throw new Failure(`what ${remote.name} sent cannot be kept: ${error.message}`);
    throw error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
