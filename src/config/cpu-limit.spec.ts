import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { cpuLimit } from './cpu-limit.js';

describe(cpuLimit.name, () => {
  it.each([
    ['150000 100000, version 2', { 'cpu.max': '150000 100000\n' }, 1.5],
    ['no limit, version 2', { 'cpu.max': 'max 100000\n' }, 4],
    ['version 1', { 'cpu/cpu.cfs_quota_us': '200000\n', 'cpu/cpu.cfs_period_us': '100000\n' }, 2],
    ['no limit, version 1', { 'cpu/cpu.cfs_quota_us': '-1\n', 'cpu/cpu.cfs_period_us': '100000\n' }, 4],
    ['more than the machine has', { 'cpu.max': '800000 100000\n' }, 4],
    ['no cgroup', {}, 4],
  ])('reads %s', (_, files: Record<string, string>, expected) => {
    const folder = temporaryFolder();
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }

    expect(cpuLimit(4, folder)).toBe(expected);
  });
});
