import { limitsOf } from './limits.js';

const MIB = 2 ** 20;
const AUTO = {
  workers: 'auto',
  admissionBytes: 'auto',
  inferenceProcesses: 'auto',
  inferenceMemoryBytes: 'auto',
} as const;

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

  it('takes what is set', () => {
    const asked = { workers: 2, admissionBytes: 1, inferenceProcesses: 3, inferenceMemoryBytes: 4 };

    expect(limitsOf(asked, 8, 8_192 * MIB)).toEqual({ cpus: 8, memoryBytes: 8_192 * MIB, ...asked });
  });
});
