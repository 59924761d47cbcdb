import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Header } from 'tar/header';
import { Pax } from 'tar/pax';
import { ArtifactFault } from './artifact-fault.js';
import { listFiles } from './list-files.js';

const BLOCK = 512;
const END_MARK = Buffer.alloc(2 * BLOCK);

interface PackedFile {
  readonly path: string;
  readonly size: number;
  readonly header: Buffer;
}

/** A version folder as a tar, and how long that is. */
export interface PackedVersion {
  readonly bytes: number;
  readonly tar: Readable;
}

/**
 * Packs a version folder: the same bytes for the same files, whenever and wherever. Sorted, without folders, and with
 * nobody's name or time.
 * @throws ArtifactFault if the folder cannot be read; the stream fails if a file changes under it.
 */
export async function packVersion(folder: string): Promise<PackedVersion> {
  const files: PackedFile[] = [];
  for (const name of await listFiles(folder)) {
    const path = join(folder, name);
    const { size } = await stat(path);
    files.push({ path, size, header: headerOf(name, size) });
  }
  const bytes = files.reduce(
    (sum, { size, header }) => sum + header.length + size + padding(size),
    END_MARK.length,
  );
  return { bytes, tar: Readable.from(pack(files), { objectMode: false }) };
}

async function* pack(files: readonly PackedFile[]): AsyncGenerator<Buffer> {
  for (const { path, size, header } of files) {
    yield header;
    yield* contentOf(path, size);
    if (padding(size) > 0) yield Buffer.alloc(padding(size));
  }
  yield END_MARK;
}

async function* contentOf(path: string, size: number): AsyncGenerator<Buffer> {
  const handle = await open(path);
  let left = size;
  try {
    for await (const part of handle.createReadStream({ autoClose: false })) {
      left -= (part as Buffer).length;
      if (left < 0) break;
      yield part as Buffer;
    }
  } finally {
    await handle.close();
  }
  if (left !== 0) throw new ArtifactFault(`${path} changed while it was packed`);
}

/** In front of names that do not fit into a header stands one with the whole name. */
function headerOf(name: string, size: number): Buffer {
  const header = new Header({
    path: name,
    size,
    type: 'File',
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: new Date(0),
  });
  const needsPax = header.encode();
  return needsPax ? Buffer.concat([new Pax({ path: name, size }).encode(), header.block!]) : header.block!;
}

const padding = (size: number): number => -size & (BLOCK - 1);
