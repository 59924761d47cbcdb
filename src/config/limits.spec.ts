import { readFileSync } from 'node:fs';
import { connectionLimit } from './connection-limit.js';
import { limitsOf, tightLimits } from './limits.js';

const GUIDE = readFileSync(new URL('../../docs/operator.md', import.meta.url), 'utf8');
const MIB = 2 ** 20;
const AUTO = {
  workers: 'auto',
  admissionBytes: 'auto',
  inferenceProcesses: 'auto',
  inferenceMemoryBytes: 'auto',
} as const;

/** Of the table in the guide for operators: a container, and what `auto` is there. */
const ROWS = [...GUIDE.matchAll(/^\| ([\d.]+ cores, .*) \|$/gm)].map(([, row]) =>
  row!.split('|').map((cell) => cell.trim()),
);
const bytesOf = (text: string): number => parseFloat(text) * (text.endsWith('GiB') ? 1_024 : 1) * MIB;

describe(limitsOf.name, () => {
  it.each([
    [0.5, 512, { workers: 1, admissionBytes: 128 * MIB, inferenceProcesses: 1 }],
    [1.5, 4_096, { workers: 1, admissionBytes: 1_024 * MIB, inferenceProcesses: 1 }],
    [4, 4_096, { workers: 4, admissionBytes: 256 * MIB, inferenceProcesses: 1 }],
    [16, 1_024, { workers: 3, inferenceProcesses: 5 }],
  ])('shares out %d processors and %d MiB', (cpus, mib, expected) => {
    expect(limitsOf(AUTO, cpus, mib * MIB)).toMatchObject({
      cpus,
      memoryBytes: mib * MIB,
      inferenceMemoryBytes: (mib / 4) * MIB,
      ...expected,
    });
  });

  it.each(ROWS)('is as the guide says: %s', (container, ...told) => {
    const [, cpus, size] = /^([\d.]+) cores, (.+)$/.exec(container)!;
    const limits = limitsOf(AUTO, Number(cpus), bytesOf(size!));
    const { workers, admissionBytes, inferenceProcesses, inferenceMemoryBytes } = limits;

    expect([workers, Math.floor(admissionBytes / MIB), inferenceProcesses, inferenceMemoryBytes]).toEqual([
      Number(told[0]),
      bytesOf(told[1]!) / MIB,
      Number(told[2]),
      bytesOf(told[3]!),
    ]);
    expect(connectionLimit(limits, Infinity)).toBe(Number(told[4]!.replace(',', '')));
  });

  it('takes what is set', () => {
    const asked = { workers: 2, admissionBytes: 1, inferenceProcesses: 3, inferenceMemoryBytes: 4 };

    expect(limitsOf(asked, 8, 8_192 * MIB)).toEqual({ cpus: 8, memoryBytes: 8_192 * MIB, ...asked });
  });
});

describe(tightLimits.name, () => {
  const tight = (asked: object, cpus: number, mib: number, threads = 1, tasks = Infinity): string[] =>
    tightLimits(limitsOf({ ...AUTO, ...asked }, cpus, mib * MIB), threads, tasks).map(
      ({ what, mend }) => `${what}: ${mend}`,
    );

  it.each([
    [0.1, 64],
    [0.5, 512],
    [1.5, 512],
    [2, 4_096],
    [64, 512],
  ])('finds nothing in what is left to a server of %d processors and %d MiB', (cpus, mib) => {
    expect(tight({}, cpus, mib)).toEqual([]);
    expect(tight({ workers: 2 }, Math.max(cpus, 1.5), 4_096)).toEqual([]);
  });

  it('finds what is set to more, and says what to set', () => {
    expect(tight({ workers: 4 }, 1.5, 4_096)).toEqual([
      'WORKERS=4 are more than the 1.5 processors that this server may use: set WORKERS=1, or auto',
    ]);
    expect(tight({ workers: 4 }, 4, 700)).toEqual([
      'WORKERS=4 need about 1200 MiB before models and calls, and this server may use 700 MiB: set WORKERS=2, or auto, or give it more memory',
    ]);
    expect(tight({ workers: 2, inferenceProcesses: 2 }, 8, 4_096, 3)).toEqual([
      'INFERENCE_THREADS=3 in 4 processes of a slow model are more than the 8 processors that this server may use: set INFERENCE_THREADS=2, or fewer INFERENCE_PROCESSES',
    ]);
    expect(tight({ workers: 2, inferenceProcesses: 2 }, 8, 4_096, 2)).toEqual([]);
  });

  it('finds what is set to more memory than is left', () => {
    expect(tight({ workers: 2, inferenceMemoryBytes: 500 * MIB }, 2, 1_000)).toEqual([
      'INFERENCE_MEMORY_BYTES=524288000 is more than what is left of the 1000 MiB that this server may use: set INFERENCE_MEMORY_BYTES=419430400, or auto, or give it more memory',
    ]);
    expect(tight({ workers: 2, admissionBytes: 250 * MIB }, 2, 1_000)).toEqual([
      'ADMISSION_BYTES=262144000 in each of 2 workers is more than what is left of the 1000 MiB that this server may use: set ADMISSION_BYTES=209715200, or auto, or give it more memory',
    ]);
    const fitting = { workers: 2, admissionBytes: 200 * MIB, inferenceMemoryBytes: 400 * MIB };
    expect(tight(fitting, 2, 1_000)).toEqual([]);
  });

  it('finds where there is no place for as many processes and threads', () => {
    expect(tight({}, 8, 8_192, 1, 100)).toEqual([
      'WORKERS=8 with one slow model take up to 179 processes and threads, and this server may have 100 of them: let it have 179 at least (pids_limit, TasksMax=), or set fewer WORKERS',
    ]);
    expect(tight({}, 8, 8_192, 1, 200)).toEqual([]);
  });
});
