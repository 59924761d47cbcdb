// A memory cgroup of its own for one server: what a container's memory limit is, without a container.
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';
/** Version 1 first: where both are mounted, memory belongs to it. */
const KINDS = [
  { parent: join(ROOT, 'memory'), limit: 'memory.limit_in_bytes', peak: 'memory.max_usage_in_bytes' },
  { parent: ROOT, limit: 'memory.max', peak: 'memory.peak' },
];

export class MemoryGroup {
  /** @returns undefined where this user may make no memory cgroup. */
  static make(bytes) {
    for (const kind of KINDS) {
      const folder = join(kind.parent, `nestor-bench-${process.pid}`);
      try {
        mkdirSync(folder);
      } catch {
        continue;
      }
      try {
        writeFileSync(join(folder, kind.limit), String(bytes));
        return new MemoryGroup(folder, kind);
      } catch {
        rmdirSync(folder);
      }
    }
    return undefined;
  }

  constructor(folder, kind) {
    Object.assign(this, { folder, kind });
  }

  /** The command, run inside of this group. */
  enter(command) {
    return ['sh', '-c', `echo $$ > '${join(this.folder, 'cgroup.procs')}' && exec "$@"`, 'sh', ...command];
  }

  /** MiB at most, the files that the kernel keeps for it included. */
  peak() {
    try {
      return Number(readFileSync(join(this.folder, this.kind.peak), 'utf8')) / 2 ** 20;
    } catch {
      return undefined;
    }
  }

  remove() {
    rmdirSync(this.folder);
  }
}
