import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { writeTree } from '../../test/support/write-tree.js';
import { taskLimit } from './task-limit.js';

describe(taskLimit.name, () => {
  it.each<[string, Readonly<Record<string, string>>, number]>([
    ['a limit, version 2', { 'sys/fs/cgroup/pids.max': '200\n' }, 200],
    ['no limit, version 2', { 'sys/fs/cgroup/pids.max': 'max\n' }, Infinity],
    ['a limit, version 1', { 'sys/fs/cgroup/pids/pids.max': '200\n' }, 200],
    [
      'the least of the own group and those above it',
      {
        'proc/self/cgroup': '5:pids:/docker/4f\n0::/\n',
        'sys/fs/cgroup/pids/docker/pids.max': '100\n',
        'sys/fs/cgroup/pids/docker/4f/pids.max': '300\n',
      },
      100,
    ],
    ['no group', {}, Infinity],
  ])('reads %s', (_, files, expected) => {
    const root = temporaryFolder();
    writeTree(root, files);

    expect(taskLimit(root)).toBe(expected);
  });
});
