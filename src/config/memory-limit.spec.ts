import { memoryLimit } from './memory-limit.js';

const MIB = 1_048_576;

describe(memoryLimit.name, () => {
  it.each([
    ["the container's limit", 512 * MIB, 8_192 * MIB, 512 * MIB],
    ["the machine's memory without one", 0, 8_192 * MIB, 8_192 * MIB],
    ["the machine's memory where the limit is beyond it", 2 ** 63, 8_192 * MIB, 8_192 * MIB],
  ])('is %s', (_, limit, machine, expected) => {
    expect(memoryLimit(limit, machine)).toBe(expected);
  });
});
