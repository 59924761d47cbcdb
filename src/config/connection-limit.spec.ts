import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { connectionLimit, descriptorLimit } from './connection-limit.js';

const MIB = 1_048_576;

describe(connectionLimit.name, () => {
  it.each([
    ['by its descriptors', 1_024, 16_384, 1, 768],
    ['by its memory', 1_048_576, 512, 1, 4_096],
    ['by memory, where descriptors have no end', Infinity, 512, 1, 4_096],
    ['and never to nothing', 256, 512, 1, 64],
    ['by its descriptors, however many workers there are', 1_024, 16_384, 4, 768],
    ['by its share of the memory', 1_048_576, 512, 4, 1_024],
  ])('bounds a process %s', (_, descriptors, mib, workers, expected) => {
    expect(connectionLimit({ memoryBytes: mib * MIB, workers }, descriptors)).toBe(expected);
  });
});

describe(descriptorLimit.name, () => {
  it.each([
    ['Max open files            1024                 524288               files', 1_024],
    ['Max open files            unlimited            unlimited            files', Infinity],
    ['Max cpu time              unlimited            unlimited            seconds', 4_096],
  ])('reads the soft limit: %s', (line, expected) => {
    const file = join(temporaryFolder(), 'limits');
    writeFileSync(
      file,
      `Limit                     Soft Limit           Hard Limit           Units\n${line}\n`,
    );

    expect(descriptorLimit(file)).toBe(expected);
  });

  it('takes what is usual where nobody says', () => {
    expect(descriptorLimit(join(temporaryFolder(), 'none'))).toBe(4_096);
  });
});
