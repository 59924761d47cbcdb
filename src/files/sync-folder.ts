import { open } from 'node:fs/promises';

/** Has the names in a folder outlive a crash of the machine, as `fsync` does for a file's bytes. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
