import { existsSync, realpathSync, type Stats } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FolderLock, LEFTOVER } from '../files/folder-lock.js';
import { syncFolder } from '../files/sync-folder.js';
import { type KeyEntry, readKeysFile } from './keys-file.js';

const OWNER_ALONE = 0o600;

/**
 * Replaces the keys of a file by what `change` makes of them: all of them or none, also where somebody else changes the
 * file meanwhile. A file that is missing has no keys; it is made for its owner alone. One that is there keeps mode and owner.
 * @returns whether the file was missing
 * @throws StartupFault if the file cannot be taken, FolderBusy if somebody else holds its folder for long,
 *   NodeJS.ErrnoException where it cannot be written; whatever `change` throws
 */
export async function changeKeysFile(
  path: string,
  change: (keys: readonly KeyEntry[]) => readonly KeyEntry[],
): Promise<boolean> {
  const isNew = !existsSync(path);
  // A link stays, and the file that it leads to is replaced.
  const place = isNew ? path : realpathSync(path);
  const lock = await FolderLock.acquire(dirname(place));
  try {
    const before = await stat(place).catch(() => undefined);
    const keys = change(before === undefined ? [] : readKeysFile(place));
    const temporary = join(dirname(place), `${LEFTOVER}keys.${lock.token}`);
    try {
      await write(temporary, `${JSON.stringify({ keys }, null, 2)}\n`, before);
      await lock.assertHeld();
      await rename(temporary, place);
    } finally {
      await rm(temporary, { force: true });
    }
    await syncFolder(dirname(place));
    return before === undefined;
  } finally {
    await lock.release();
  }
}

async function write(path: string, text: string, like: Stats | undefined): Promise<void> {
  const file = await open(path, 'wx', OWNER_ALONE);
  try {
    if (like !== undefined) {
      const own = await file.stat();
      // First the owner: a change of it may take bits of the mode away.
      if (own.uid !== like.uid || own.gid !== like.gid) await file.chown(like.uid, like.gid);
      await file.chmod(like.mode & 0o777);
    }
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
