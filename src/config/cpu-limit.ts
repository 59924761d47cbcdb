import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/** Where the cgroup of this process is mounted in a container. */
const CGROUP = '/sys/fs/cgroup';

/**
 * Processors that all processes of this server may use, e.g. 1.5: the limit of their container (the CPU cgroup, either
 * version), or those that the scheduler gives this process.
 */
export function cpuLimit(machine = availableParallelism(), folder = CGROUP): number {
  const [quota, period] = read(folder, 'cpu.max')?.split(' ') ?? [
    read(folder, 'cpu/cpu.cfs_quota_us'),
    read(folder, 'cpu/cpu.cfs_period_us'),
  ];
  const limit = Number(quota) / Number(period);
  return limit > 0 ? Math.min(limit, machine) : machine;
}

function read(folder: string, file: string): string | undefined {
  try {
    return readFileSync(join(folder, file), 'utf8').trim();
  } catch {
    return undefined;
  }
}
