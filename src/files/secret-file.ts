import { readFileSync, statSync } from 'node:fs';
import { StartupFault } from '../errors/startup-fault.js';

/** All rights of others, and the group's to change it; that it may read is what a mounted Secret needs. */
const OF_OTHERS = 0o027;

/**
 * Reads the file of a secret that `setting` names.
 * @param howMade says how such a file is made, for one that cannot be read
 * @param least bytes that it must hold
 * @throws StartupFault where it cannot be read, is shorter, or others have a right to it
 */
export function readSecret(setting: string, path: string, howMade: string, least = 1): Buffer {
  const fault = (reason: string, mend: string): StartupFault =>
    new StartupFault([{ what: `${setting} (${path}) ${reason}`, mend }]);
  try {
    const bytes = readFileSync(path);
    const { mode } = statSync(path);
    if ((mode & OF_OTHERS) === 0) {
      if (bytes.length >= least) return bytes;
      throw fault(`holds ${bytes.length} bytes, and ${least} are the least`, `make one with: ${howMade}`);
    }
    throw fault(
      `may be read by everybody or changed by its group (mode ${(mode & 0o777).toString(8)})`,
      `run chmod 600 ${path}; in Kubernetes mount the Secret with defaultMode 0440`,
    );
  } catch (error) {
    if (error instanceof StartupFault) throw error;
    throw fault(
      `cannot be read: ${(error as Error).message}`,
      `let ${setting} name a file that the process may read; make one with: ${howMade}`,
    );
  }
}
