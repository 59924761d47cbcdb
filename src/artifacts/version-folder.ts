import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { ArtifactFault, cannotBeRead } from './artifact-fault.js';
import type { Manifest, Sample } from './manifest.js';
import { parseJson, parseManifest } from './manifest-schema.js';
import { parseSamples } from './samples-schema.js';

const SUMS = 'SHA256SUMS';
const LINE = /^([0-9a-f]{64}) [ *](.+)$/;

/** A version folder whose every byte has been compared with `SHA256SUMS`; its files are served from these bytes. */
export class VersionFolder {
  private constructor(
    private readonly files: ReadonlyMap<string, Buffer>,
    private readonly digests: ReadonlyMap<string, string>,
    readonly manifest: Manifest,
  ) {}

  /**
   * Reads `<root>/<model>/<version>/` whole and checks it.
   * @throws ArtifactFault: a file is missing, left over, changed (with both digests) or cannot be read, or the manifest
   * is wrong.
   */
  static async read(root: string, model: string, version: string): Promise<VersionFolder> {
    const folder = join(root, model, version);
    const files = await readAll(folder);
    const digests = checkDigests(files);
    const manifest = parseManifest(files.get('manifest.json') ?? Buffer.of());
    if (manifest.model !== model || manifest.version !== version) {
      throw new ArtifactFault(
        `manifest.json is of ${manifest.model}/${manifest.version}, the folder of ${model}/${version}`,
      );
    }
    return new VersionFolder(files, digests, manifest);
  }

  /** @throws ArtifactFault if the folder has no such file. */
  file(name: string): Buffer {
    const bytes = this.files.get(name);
    if (bytes === undefined) throw new ArtifactFault(`${name} is missing`);
    return bytes;
  }

  json(name: string): unknown {
    return parseJson(this.file(name), name);
  }

  /** SHA-256 of `model.onnx`, in hexadecimal: what records and replies name the model by. */
  get modelDigest(): string {
    return this.digests.get('model.onnx') ?? '';
  }

  /** @throws ArtifactFault unless samples.json holds at least one sample: a version without evidence is not served. */
  samples(): readonly Sample[] {
    return parseSamples(this.file('samples.json'), this.manifest.task);
  }
}

async function readAll(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    cannotBeRead('the folder'),
  );
  const stray = entries.find((entry) => !entry.isFile() && !entry.isDirectory());
  if (stray) throw new ArtifactFault(`${stray.name} is neither a file nor a folder (links are refused)`);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      paths.map(async (path) => {
        const name = relative(folder, path).split(sep).join('/');
        return [name, await readFile(path).catch(cannotBeRead(name))] as const;
      }),
    ),
  );
}

function checkDigests(files: ReadonlyMap<string, Buffer>): Map<string, string> {
  const expected = new Map<string, string>();
  const sums = files.get(SUMS);
  if (sums === undefined) throw new ArtifactFault(`${SUMS} is missing`);
  for (const line of sums.toString('utf8').split('\n').filter(Boolean)) {
    const [, digest, name] = LINE.exec(line) ?? [];
    if (digest === undefined || name === undefined)
      throw new ArtifactFault(`${SUMS} has a line that sha256sum would not write`);
    expected.set(name, digest);
  }
  for (const name of expected.keys()) {
    if (!files.has(name)) throw new ArtifactFault(`${name} is missing`);
  }
  for (const [name, bytes] of files) {
    if (name === SUMS) continue;
    const digest = expected.get(name);
    if (digest === undefined) throw new ArtifactFault(`${name} is not named in ${SUMS}`);
    const actual = createHash('sha256').update(bytes).digest('hex');
    if (actual !== digest)
      throw new ArtifactFault(`${name} has changed: expected sha256 ${digest}, actual ${actual}`);
  }
  return expected;
}
