import { open, rm } from 'node:fs/promises';
import { StartupFault } from '../errors/startup-fault.js';
import { makeDurableFolder } from '../files/folder-on-pool.js';
import { syncFolder } from '../files/sync-folder.js';
import { isDiskFull, probePath } from '../files/writable-folder.js';
import { isSyncFailure } from './pool-file.js';
import { FILE_MODE, FOLDER_MODE } from './record-name.js';

/**
 * Makes the folder of the records, and tries whether a file and a name in it can be synced: some network file systems
 * know no such thing. @throws StartupFault, NodeJS.ErrnoException of everything else, a full disk included
 */
export async function proveSync(root: string): Promise<void> {
  const path = probePath(root);
  try {
    await makeDurableFolder(root, FOLDER_MODE);
    const file = await open(path, 'w', FILE_MODE);
    try {
      await file.writeFile('probe');
      await file.sync();
      await file.datasync();
    } finally {
      await file.close();
      await rm(path, { force: true });
    }
    await syncFolder(root);
  } catch (error) {
    if (!isSyncFailure(error) || isDiskFull(error)) throw error;
    throw new StartupFault([
      {
        what: `PREDICTION_LOG_DURABILITY is synced, and PREDICTION_LOG_DIR (${root}) cannot be synced: ${(error as Error).message}`,
        mend: 'let PREDICTION_LOG_DIR lie on a disk that can, or set PREDICTION_LOG_DURABILITY to written',
      },
    ]);
  }
}
