import { execFileSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuLimit } from '../../src/config/cpu-limit.js';
import { memoryLimit } from '../../src/config/memory-limit.js';

const MIB = 2 ** 20;

/** The control group of this process in version 1, where more may be made below it. */
function ownGroup(controller: string): string | undefined {
  try {
    const line = new RegExp(`^\\d+:(?:.*,)?${controller}(?:,.*)?:(/.*)$`, 'm');
    const path = line.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
    if (path === undefined) return undefined;
    const folder = join('/sys/fs/cgroup', controller, path);
    accessSync(folder, constants.W_OK);
    return folder;
  } catch {
    return undefined;
  }
}

const [cpu, memory] = [ownGroup('cpu'), ownGroup('memory')];

describe.skipIf(cpu === undefined || memory === undefined)('the limits of a real control group', () => {
  const groups = {
    cpu: join(cpu ?? '', `nestor-${process.pid}`),
    memory: join(memory ?? '', `nestor-${process.pid}`),
  };
  const all = [groups.cpu, groups.memory, join(groups.memory, 'inner')];
  beforeAll(() => {
    for (const group of all) mkdirSync(group);
  });
  afterAll(() => {
    for (const group of all.toReversed()) rmdirSync(group);
  });

  /** What a process of the build finds that starts in these groups. */
  function found(...of: readonly string[]): unknown {
    const script = `
      const { cpuLimit } = await import('${new URL('../../dist/config/cpu-limit.js', import.meta.url).href}');
      const { memoryLimit } = await import('${new URL('../../dist/config/memory-limit.js', import.meta.url).href}');
      console.log(JSON.stringify([cpuLimit(), memoryLimit()]));`;
    const enter = of.map((group) => `echo $$ > ${group}/cgroup.procs`).join(' && ');
    const command = `${enter} && exec "$0" --input-type=module --eval "$1"`;
    return JSON.parse(execFileSync('sh', ['-c', command, process.execPath, script], { encoding: 'utf8' }));
  }

  it('are found, also where a group above has them and less is reserved', () => {
    writeFileSync(join(groups.cpu, 'cpu.cfs_quota_us'), '75000');
    writeFileSync(join(groups.memory, 'memory.limit_in_bytes'), String(512 * MIB));
    writeFileSync(join(groups.memory, 'memory.soft_limit_in_bytes'), String(300 * MIB));

    expect(found(groups.cpu, groups.memory)).toEqual([0.75, 512 * MIB]);
    expect(found(groups.cpu, join(groups.memory, 'inner'))).toEqual([0.75, 512 * MIB]);
  });

  it('are those of this process where a group has none', () => {
    writeFileSync(join(groups.cpu, 'cpu.cfs_quota_us'), '-1');
    writeFileSync(join(groups.memory, 'memory.limit_in_bytes'), '-1');

    expect(found(groups.cpu, groups.memory)).toEqual([cpuLimit(), memoryLimit()]);
  });
});
