import { cgroupsOf, textOf } from './cgroups.js';

/**
 * Processes and threads that all processes of this server may have together: the least limit of a control group, of either version;
 * Infinity without any.
 * @param root stands for `/`
 */
export function taskLimit(root = '/'): number {
  const limits = cgroupsOf('pids', root).map((folder) => Number(textOf(folder, 'pids.max')));
  return Math.min(Infinity, ...limits.filter((limit) => limit > 0));
}
