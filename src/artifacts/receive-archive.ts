import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { type ArchiveLimits, archiveBytes } from './archive-bytes.js';
import { ArchiveTooLarge, InvalidArchive } from './archive-errors.js';
import { EntryNames } from './entry-names.js';
import { TarReader } from './tar-reader.js';
import { Upload } from './upload.js';

const FILE_MODE = 0o640;

/**
 * Writes the files of a tar or tar.gz to a folder of their own below `<root>/.uploads/`, as they come in. They may stand
 * at the top of the tar or all of them under one folder.
 * @throws InvalidArchive, ArchiveTooLarge, UploadStalled, ClientGone, or an error of the file system; nothing is left
 * then, and `source` is neither read to its end nor closed.
 */
export async function receiveArchive(source: Readable, root: string, limits: ArchiveLimits): Promise<Upload> {
  // What fails before the first read is found by that read.
  source.on('error', () => {});
  const upload = await Upload.begin(root);
  const tar = archiveBytes(source, limits);
  try {
    const names = new EntryNames(limits.maxEntries);
    let files = 0;
    for await (const { name, kind, size, body } of new TarReader(tar).entries()) {
      if (size > limits.maxBytes) throw new ArchiveTooLarge(limits.maxBytes);
      const path = join(upload.folder, names.claim(name, kind));
      if (kind === 'folder') {
        await mkdir(path, { recursive: true });
      } else {
        await writeFile(path, body);
        files++;
      }
    }
    if (files === 0) throw new InvalidArchive('the archive holds no file');
    return await upload.completed();
  } catch (error) {
    // Lets go of the source, so that others can let through what is still to come.
    await tar.return(undefined);
    await upload.remove();
    throw error;
  }
}

/** The names are checked; `wx` refuses what is there all the same. */
async function writeFile(path: string, body: AsyncIterable<Buffer>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const handle = await open(path, 'wx', FILE_MODE);
  try {
    await handle.writeFile(body);
    // What the process masks when it makes a file is not the publisher's to say.
    await handle.chmod(FILE_MODE);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
