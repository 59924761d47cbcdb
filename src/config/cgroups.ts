import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Folders of the control groups that bound this process in something: its own and those above it, as the least of their limits
 * counts. A container that does not see its own path finds its group at the top. Both versions are looked for, as a machine may
 * have both, so some of the folders need not exist.
 * @param root stands for `/`
 */
export function cgroupsOf(controller: 'cpu' | 'memory' | 'pids', root = '/'): readonly string[] {
  const top = join(root, 'sys/fs/cgroup');
  const tops = { v1: join(top, controller), v2: top };
  const lines = (textOf(join(root, 'proc/self/cgroup')) ?? '').split('\n');
  const own = lines.flatMap((line) => {
    const [, names, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (names === '') return upwards(tops.v2, path!);
    return names?.split(',').includes(controller) ? upwards(tops.v1, path!) : [];
  });
  return [...new Set([...own, tops.v1, tops.v2])];
}

/** What stands in a file of a control group; undefined: it has none. */
export function textOf(...path: string[]): string | undefined {
  try {
    return readFileSync(join(...path), 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** From the folder of a control group up to the top. Paths with `..` are those of groups that cannot be seen from here. */
function upwards(top: string, path: string): string[] {
  if (path.split('/').includes('..')) return [];
  const folders: string[] = [];
  for (let own = path; own !== '/'; own = dirname(own)) folders.push(join(top, own));
  return folders;
}
