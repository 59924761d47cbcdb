import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { withoutRoot } from '../../test/support/without-root.js';
import { StartupFault } from '../errors/startup-fault.js';
import { repairFile } from './repair.js';

const LINES = ['{"prediction_id":"1","text":"grün 数"}\n', '{"prediction_id":"2","text":"🎈"}\n'];
const WHOLE = Buffer.from(LINES.join(''));
const LAST = Buffer.byteLength(LINES[1]!);

function made(content: Buffer, mode = 0o640): string {
  const folder = temporaryFolder();
  const path = join(folder, 'h-1-1.ndjson');
  writeFileSync(path, content);
  chmodSync(path, mode);
  chmodSync(folder, 0o777);
  return path;
}

describe(repairFile.name, () => {
  it.each(Array.from({ length: LAST - 1 }, (_, index) => index + 1))(
    'moves a last line aside that was torn %i bytes before its end',
    async (missing) => {
      const torn = WHOLE.subarray(0, WHOLE.length - missing);
      const path = made(torn);

      expect(await repairFile(path)).toEqual({ path, bytes: LAST - missing });
      expect(readFileSync(path, 'utf8')).toBe(LINES[0]);
      expect(readFileSync(`${path}.torn`)).toEqual(torn.subarray(Buffer.byteLength(LINES[0]!)));
      expect(statSync(`${path}.torn`).mode & 0o7777 & ~0o640).toBe(0);
      expect(await repairFile(path)).toBeUndefined();
    },
  );

  it.each([0, LAST])('leaves a file of whole lines alone, %i bytes shorter', async (missing) => {
    const content = WHOLE.subarray(0, WHOLE.length - missing);
    const path = made(content);

    expect(await repairFile(path)).toBeUndefined();
    expect(readFileSync(path)).toEqual(content);
    expect(existsSync(`${path}.torn`)).toBe(false);
  });

  it.each([1, 65_535, 65_536, 65_537, 200_000])(
    'finds the last whole line over a torn one of %i bytes',
    async (length) => {
      const path = made(Buffer.concat([WHOLE, Buffer.alloc(length, 'x')]));

      expect(await repairFile(path)).toEqual({ path, bytes: length });
      expect(readFileSync(path)).toEqual(WHOLE);
    },
  );

  it('empties a file that holds a torn line alone', async () => {
    const path = made(Buffer.from('{"pred'));
    await repairFile(path);

    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it('does the same when it was killed after the torn line was kept, and when many do it at once', async () => {
    const torn = Buffer.from('{"prediction_id":"3');
    const path = made(Buffer.concat([WHOLE, torn]));
    writeFileSync(`${path}.torn`, torn.subarray(0, 5));
    await Promise.all(Array.from({ length: 10 }, () => repairFile(path)));

    expect(readFileSync(path)).toEqual(WHOLE);
    expect(readFileSync(`${path}.torn`)).toEqual(torn);
  });

  it('misses nothing where there is no file', async () => {
    expect(await repairFile(join(temporaryFolder(), 'gone.ndjson'))).toBeUndefined();
  });

  it('asks for no leave to write to a file of whole lines', async () => {
    const path = made(WHOLE, 0o444);

    expect(await withoutRoot(() => repairFile(path))).toBeUndefined();
    expect(readFileSync(path)).toEqual(WHOLE);
  });

  it.each([
    ['torn file that it may not write to', 'cut off', 0o444],
    ['file that it may not read', 'look for', 0o000],
  ])('names a %s, and leaves it alone', async (_, task, mode) => {
    const torn = WHOLE.subarray(0, -3);
    const path = made(torn, mode);

    await expect(withoutRoot(() => repairFile(path))).rejects.toThrow(
      new StartupFault([
        {
          what: `record file ${path} cannot be opened to ${task} a torn last line: EACCES: permission denied, open '${path}'`,
          mend: 'let the process read and write that file',
        },
      ]),
    );
    chmodSync(path, 0o600);
    expect(readFileSync(path)).toEqual(torn);
    expect(existsSync(`${path}.torn`)).toBe(false);
  });
});
