import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { all } from '../../test/support/all.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { eachOnce } from './each-once.js';

const LINE = '{"prediction_id":"a"}\n';

/** A record file that stands there both ways, the packed one with these lines. */
function both(packed = LINE): { plain: string; gz: string } {
  const plain = join(temporaryFolder(), 'h-1-1.ndjson');
  const gz = `${plain}.gz`;
  writeFileSync(plain, LINE);
  writeFileSync(gz, gzipSync(packed));
  return { plain, gz };
}

describe(eachOnce.name, () => {
  it('takes the first of two that hold the same, and both where they differ', async () => {
    const same = both();
    expect(await all(eachOnce([same.plain, same.gz]))).toEqual([same.plain]);
    const other = both(`${LINE}${LINE}`);
    expect(await all(eachOnce([other.plain, other.gz]))).toEqual([other.plain, other.gz]);
  });

  it('takes one that was packed after it was listed as it is by now, once', async () => {
    const { plain, gz } = both();
    rmSync(plain);
    expect(await all(eachOnce([plain, gz]))).toEqual([gz]);
    expect(await all(eachOnce([plain]))).toEqual([gz]);
    rmSync(gz);
    expect(await all(eachOnce([plain]))).toEqual([]);
  });
});
