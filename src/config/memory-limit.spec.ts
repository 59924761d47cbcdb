import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { writeTree } from '../../test/support/write-tree.js';
import { memoryLimit } from './memory-limit.js';

const MIB = 1_048_576;

describe(memoryLimit.name, () => {
  it.each<[string, Readonly<Record<string, string>>, number]>([
    ["the container's limit, version 2", { 'sys/fs/cgroup/memory.max': `${512 * MIB}\n` }, 512],
    [
      'where it is slowed down, version 2',
      { 'sys/fs/cgroup/memory.max': `${512 * MIB}\n`, 'sys/fs/cgroup/memory.high': `${400 * MIB}\n` },
      400,
    ],
    [
      "the machine's memory without a limit, version 2",
      { 'sys/fs/cgroup/memory.max': 'max\n', 'sys/fs/cgroup/memory.high': 'max\n' },
      8_192,
    ],
    [
      "the least of the own group's and those above it, version 2",
      {
        'proc/self/cgroup': '0::/system.slice/nestor.service\n',
        'sys/fs/cgroup/system.slice/memory.max': `${300 * MIB}\n`,
        'sys/fs/cgroup/system.slice/nestor.service/memory.max': 'max\n',
      },
      300,
    ],
    [
      'the limit of a container that has no name space of its own, version 1',
      {
        'proc/self/cgroup': '9:name=systemd:/docker/4f\n4:memory:/docker/4f\n0::/\n',
        'sys/fs/cgroup/memory/memory.limit_in_bytes': `${512 * MIB}\n`,
        'sys/fs/cgroup/memory/memory.soft_limit_in_bytes': `${100 * MIB}\n`,
      },
      512,
    ],
    [
      "the machine's memory where version 1 has no limit",
      { 'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n' },
      8_192,
    ],
    [
      "the machine's memory where files are broken",
      {
        'proc/self/cgroup': 'x\n4:memory\n',
        'sys/fs/cgroup/memory.max': '',
        'sys/fs/cgroup/memory.high': 'x',
      },
      8_192,
    ],
    ["the machine's memory where there are no groups", {}, 8_192],
  ])('is %s', (_, files, expected) => {
    const root = temporaryFolder();
    writeTree(root, files);

    expect(memoryLimit(root, 8_192 * MIB)).toBe(expected * MIB);
  });
});
