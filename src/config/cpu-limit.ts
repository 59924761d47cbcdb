import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cgroupsOf, textOf } from './cgroups.js';

/**
 * Processors that all processes of this server may use, e.g. 1.5: the least limit of a control group, of either version, or
 * those that the scheduler gives this process, if they are fewer. Node tells whole ones alone.
 * @param root stands for `/`
 */
export function cpuLimit(root = '/'): number {
  const limits = cgroupsOf('cpu', root).map((folder) => {
    const [quota, period] = textOf(folder, 'cpu.max')?.split(' ') ?? [
      textOf(folder, 'cpu.cfs_quota_us'),
      textOf(folder, 'cpu.cfs_period_us'),
    ];
    const limit = Number(quota) / Number(period);
    return limit > 0 ? limit : Infinity;
  });
  return Math.min(processors(root), ...limits);
}

/** Those that this process may run on, such as `0-3,8`. Where the system does not list them Node knows. */
function processors(root: string): number {
  const status = textOf(join(root, 'proc/self/status')) ?? '';
  const ranges = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1]?.split(',') ?? [];
  const count = ranges.reduce((sum, range) => {
    const [first, last = first] = range.split('-').map(Number);
    return sum + last! - first! + 1;
  }, 0);
  return count > 0 ? count : availableParallelism();
}
