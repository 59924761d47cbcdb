import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { connectionLimit, descriptorLimit } from './connection-limit.js';

const MIB = 1_048_576;

describe(connectionLimit.name, () => {
  it.each([
    ['by its descriptors', 1_024, 16_384 * MIB, 768],
    ['by its memory', 1_048_576, 512 * MIB, 4_096],
    ['by memory, where descriptors have no end', Infinity, 512 * MIB, 4_096],
    ['and never to nothing', 256, 512 * MIB, 64],
  ])('bounds a process %s', (_, descriptors, memory, expected) => {
    expect(connectionLimit(descriptors, memory)).toBe(expected);
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
