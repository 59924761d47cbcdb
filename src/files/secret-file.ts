import { readFileSync, statSync } from 'node:fs';
import { StartupFault } from '../errors/startup-fault.js';

/** Any right of somebody who is neither the owner nor in the group; mounted secrets need the group's. */
const OTHERS = 0o007;

/**
 * Reads the file of a secret that `setting` names.
 * @param least bytes that it must hold
 * @throws StartupFault where it cannot be read, others have a right to it, or it is shorter
 */
export function readSecret(setting: string, path: string, least: number): Buffer {
  const fault = (reason: string, mend: string): StartupFault =>
    new StartupFault([{ what: `${setting} (${path}) ${reason}`, mend }]);
  try {
    const bytes = readFileSync(path);
    if ((statSync(path).mode & OTHERS) !== 0)
      throw fault('is open to every user of this machine', `take their rights away: chmod o= ${path}`);
    if (bytes.length >= least) return bytes;
    throw fault(
      `holds ${bytes.length} bytes`,
      `put at least ${least} random ones into it: head -c ${least} /dev/urandom > ${path}`,
    );
  } catch (error) {
    if (error instanceof StartupFault) throw error;
    throw fault(
      `cannot be read: ${(error as Error).message}`,
      `let ${setting} name a file that the process may read`,
    );
  }
}
