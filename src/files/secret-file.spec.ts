import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { readSecret } from './secret-file.js';

function secret(bytes: number, mode: number): () => Buffer {
  const path = join(temporaryFolder(), 'key');
  writeFileSync(path, Buffer.alloc(bytes, 7));
  chmodSync(path, mode);
  return () => readSecret('KEY_FILE', path, 'make key', 32);
}

describe(readSecret.name, () => {
  it.each([0o400, 0o640])('reads a file of mode %o', (mode) => {
    expect(secret(32, mode)()).toEqual(Buffer.alloc(32, 7));
  });

  it.each([0o604, 0o602, 0o644, 0o620])('refuses a file of mode %o, which others have a right to', (mode) => {
    expect(secret(32, mode)).toThrow(
      /KEY_FILE \(.*key\) may be read by everybody or changed by its group \(mode 6\d\d\)\n.*mend: run chmod 600 /,
    );
  });

  it('refuses a short one, and none', () => {
    expect(secret(31, 0o600)).toThrow(/holds 31 bytes, and 32 are the least\n.*make one with: make key/);
    expect(() => readSecret('KEY_FILE', '/nowhere', 'make key')).toThrow(
      /cannot be read: ENOENT.*\n.*make one with: make key/,
    );
  });
});
