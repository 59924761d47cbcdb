import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The command as it is built. */
export const NESTOR = fileURLToPath(new URL('../../bin/nestor.js', import.meta.url));

/** Runs a command of the built `nestor`; it may wait for a server of this process. */
export function nestor(...parameters: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [NESTOR, ...parameters], (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}
