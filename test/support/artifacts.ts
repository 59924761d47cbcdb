import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Manifest } from '../../src/artifacts/manifest.js';
import { temporaryFolder } from './temporary-folder.js';

/** The models of the repository. */
export const ARTIFACTS = fileURLToPath(new URL('../../artifacts', import.meta.url));

type Changed<T> = { -readonly [K in keyof T]: T[K] };

/** A copy of one version folder, to be damaged or rewritten. */
export class ArtifactCopy {
  readonly folder: string;

  constructor(
    readonly root: string,
    readonly name: string,
    readonly version: string,
  ) {
    this.folder = join(root, name, version);
  }

  /** Paths of all files but the sums, relative to the folder. */
  files(): string[] {
    return readdirSync(this.folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path !== 'SHA256SUMS' && statSync(join(this.folder, path)).isFile())
      .toSorted();
  }

  read(path: string): Buffer {
    return readFileSync(join(this.folder, path));
  }

  write(path: string, content: Buffer | string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), content);
  }

  /** Changes the byte in the middle of a file and leaves the sums as they are. */
  damage(path: string): void {
    const bytes = this.read(path);
    bytes[bytes.length >> 1]! ^= 1;
    this.write(path, bytes);
  }

  /** Changes the manifest and makes the sums fit. */
  editManifest(change: (manifest: Changed<Manifest>) => void): this {
    const manifest = JSON.parse(this.read('manifest.json').toString()) as Changed<Manifest>;
    change(manifest);
    this.write('manifest.json', JSON.stringify(manifest, null, 2));
    return this.seal();
  }

  /** Changes the samples and makes the sums fit. */
  editSamples(change: (samples: Record<string, unknown>[]) => void): this {
    const file = JSON.parse(this.read('samples.json').toString()) as { samples: Record<string, unknown>[] };
    change(file.samples);
    this.write('samples.json', JSON.stringify(file));
    return this.seal();
  }

  /** Writes SHA256SUMS anew. */
  seal(): this {
    const lines = this.files().map((path) => `${sha256(this.read(path))}  ${path}\n`);
    this.write('SHA256SUMS', lines.join(''));
    return this;
  }
}

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Copies `turnover/1` into `root` as `<name>/<version>`; under another name the manifest follows. */
export function copyTurnover({
  root = temporaryFolder(),
  name = 'turnover',
  version = '1',
}: { root?: string; name?: string; version?: string } = {}): ArtifactCopy {
  const copy = new ArtifactCopy(root, name, version);
  cpSync(join(ARTIFACTS, 'turnover', '1'), copy.folder, { recursive: true });
  if (name === 'turnover' && version === '1') return copy;
  return copy.editManifest((manifest) => {
    manifest.model = name;
    manifest.version = version;
  });
}
