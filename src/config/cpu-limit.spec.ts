import { availableParallelism } from 'node:os';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { writeTree } from '../../test/support/write-tree.js';
import { cpuLimit } from './cpu-limit.js';

const FOUR = { 'proc/self/status': 'Name:\tnode\nCpus_allowed:\tf\nCpus_allowed_list:\t0-3\n' };

describe(cpuLimit.name, () => {
  it.each<[string, Readonly<Record<string, string>>, number]>([
    ['a limit, version 2', { 'sys/fs/cgroup/cpu.max': '150000 100000\n' }, 1.5],
    ['no limit, version 2', { 'sys/fs/cgroup/cpu.max': 'max 100000\n' }, 4],
    [
      'a limit of a group above, version 2',
      {
        'proc/self/cgroup': '0::/kubepods.slice/pod.slice/container\n',
        'sys/fs/cgroup/kubepods.slice/cpu.max': '300000 100000\n',
        'sys/fs/cgroup/kubepods.slice/pod.slice/cpu.max': '50000 100000\n',
        'sys/fs/cgroup/kubepods.slice/pod.slice/container/cpu.max': '200000 100000\n',
      },
      0.5,
    ],
    [
      'a limit, version 1',
      {
        'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '200000\n',
        'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      2,
    ],
    [
      'a limit of the own group, version 1 beside version 2',
      {
        'proc/self/cgroup': '4:memory:/other\n2:cpu,cpuacct:/own\n0::/\n',
        'sys/fs/cgroup/cpu/own/cpu.cfs_quota_us': '25000\n',
        'sys/fs/cgroup/cpu/own/cpu.cfs_period_us': '100000\n',
        'sys/fs/cgroup/cpu/other/cpu.cfs_quota_us': '10000\n',
        'sys/fs/cgroup/cpu/other/cpu.cfs_period_us': '100000\n',
      },
      0.25,
    ],
    [
      'no limit, version 1',
      { 'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n', 'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n' },
      4,
    ],
    ['more than the process may run on', { 'sys/fs/cgroup/cpu.max': '800000 100000\n' }, 4],
    [
      'a group that cannot be seen from here',
      {
        'proc/self/cgroup': '0::/../../x\n',
        'sys/fs/cgroup/cpu.max': '100000 100000\n',
        'sys/x/cpu.max': '1 1000',
      },
      1,
    ],
    ['no group', {}, 4],
    ['broken files', { 'proc/self/cgroup': ':::\n0:cpu', 'sys/fs/cgroup/cpu.max': '' }, 4],
    ['a set of processors', { 'proc/self/status': 'Cpus_allowed_list:\t0,2-4,16\n' }, 5],
  ])('reads %s', (_, files, expected) => {
    const root = temporaryFolder();
    writeTree(root, { ...FOUR, ...files });

    expect(cpuLimit(root)).toBe(expected);
  });

  it('has what Node says where the system lists no processors', () => {
    expect(cpuLimit(temporaryFolder())).toBe(availableParallelism());
  });
});
