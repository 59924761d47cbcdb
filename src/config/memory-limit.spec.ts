import { admissionBytes } from './memory-limit.js';

const MIB = 1_048_576;

describe(admissionBytes.name, () => {
  it.each([
    ["of the container's limit", 512 * MIB, 8_192 * MIB, 128 * MIB],
    ["of the machine's memory without one", 0, 8_192 * MIB, 2_048 * MIB],
    ["of the machine's memory where the limit is beyond it", 2 ** 63, 8_192 * MIB, 2_048 * MIB],
  ])('is a quarter %s', (_, limit, machine, expected) => {
    expect(admissionBytes(limit, machine)).toBe(expected);
  });
});
