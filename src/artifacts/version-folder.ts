import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type DiskReads, POOLED } from '../files/disk-reads.js';
import { ArtifactFault, cannotBeRead } from './artifact-fault.js';
import { contentDigest } from './content-digest.js';
import { type Documents, documentsAmong } from './documents.js';
import { listFiles } from './list-files.js';
import type { Manifest, Sample } from './manifest.js';
import { parseJson, parseManifest } from './manifest-schema.js';
import { parseSamples } from './samples-schema.js';
import { parseSums, SUMS } from './sums.js';

/** Hashed in some 4 ms; others have their turn after so many. */
const PIECE = 4 * 2 ** 20;

/** A version folder whose every byte has been compared with `SHA256SUMS`; its files are served from these bytes. */
export class VersionFolder {
  private constructor(
    /** Where it was read; it may be gone since. */
    readonly path: string,
    private readonly files: ReadonlyMap<string, Buffer>,
    private readonly digests: ReadonlyMap<string, string>,
    readonly manifest: Manifest,
  ) {}

  /**
   * Reads `<root>/<model>/<version>/` whole and checks it.
   * @throws ArtifactFault: a file is missing, left over, changed (with both digests) or cannot be read, or the manifest
   * is wrong.
   */
  static async read(root: string, model: string, version: string, reads = POOLED): Promise<VersionFolder> {
    const folder = await VersionFolder.open(join(root, model, version), reads);
    const { manifest } = folder;
    if (manifest.model !== model || manifest.version !== version) {
      throw new ArtifactFault(
        `manifest.json is of ${manifest.model}/${manifest.version}, the folder of ${model}/${version}`,
      );
    }
    return folder;
  }

  /** As `read`, wherever the folder lies and whatever it is called: model and number are those of its manifest. */
  static async open(path: string, reads = POOLED): Promise<VersionFolder> {
    const files = await readAll(path, reads);
    const digests = await checkDigests(files);
    return new VersionFolder(path, files, digests, parseManifest(files.get('manifest.json') ?? Buffer.of()));
  }

  /** @throws ArtifactFault if the folder has no such file. */
  file(name: string): Buffer {
    const bytes = this.files.get(name);
    if (bytes === undefined) throw new ArtifactFault(`${name} is missing`);
    return bytes;
  }

  /** As `file`, where it need not be there. */
  fileIfAny(name: string): Buffer | undefined {
    return this.files.get(name);
  }

  json(name: string): unknown {
    return parseJson(this.file(name), name);
  }

  /** SHA-256 of `model.onnx`, in hexadecimal: what records and replies name the model by. */
  get modelDigest(): string {
    return this.digests.get('model.onnx') ?? '';
  }

  /** SHA-256 over all files, the sums included: what an archive of this version is known by. */
  get contentDigest(): string {
    const sums = createHash('sha256').update(this.file(SUMS)).digest('hex');
    return contentDigest(new Map([...this.digests, [SUMS, sums]]));
  }

  get documents(): Documents {
    return documentsAmong(this.files.keys());
  }

  /** @throws ArtifactFault unless samples.json holds at least one sample: a version without evidence is not served. */
  samples(): readonly Sample[] {
    return parseSamples(this.file('samples.json'), this.manifest);
  }
}

async function readAll(folder: string, reads: DiskReads): Promise<Map<string, Buffer>> {
  const names = await listFiles(folder, reads);
  return new Map(
    await Promise.all(
      names.map(
        async (name) => [name, await reads.file(join(folder, name)).catch(cannotBeRead(name))] as const,
      ),
    ),
  );
}

async function checkDigests(files: ReadonlyMap<string, Buffer>): Promise<Map<string, string>> {
  const sums = files.get(SUMS);
  if (sums === undefined) throw new ArtifactFault(`${SUMS} is missing`);
  const expected = parseSums(sums.toString('utf8'));
  for (const name of expected.keys()) {
    if (!files.has(name)) throw new ArtifactFault(`${name} is missing`);
  }
  for (const [name, bytes] of files) {
    if (name === SUMS) continue;
    const digest = expected.get(name);
    if (digest === undefined) throw new ArtifactFault(`${name} is not named in ${SUMS}`);
    const actual = await digestOf(bytes);
    if (actual !== digest)
      throw new ArtifactFault(`${name} has changed: expected sha256 ${digest}, actual ${actual}`);
  }
  return expected;
}

/** In pieces: `subtle.digest` computes in the thread pool, but copies all bytes before, which holds up more than this. */
async function digestOf(bytes: Buffer): Promise<string> {
  const hash = createHash('sha256');
  for (let start = 0; start < bytes.length; start += PIECE) {
    hash.update(bytes.subarray(start, start + PIECE));
    await nextTurn();
  }
  return hash.digest('hex');
}
