import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { digestsOf } from '../../test/support/open-log.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { RecordFile } from './record-file.js';

function open(folder = temporaryFolder(), name = 'h-1-1.ndjson'): RecordFile {
  return RecordFile.open({ path: join(folder, name), name: 'mark', writer: 'writer' }, 0);
}

describe(RecordFile.name, () => {
  it('never opens a file that is there', () => {
    const folder = temporaryFolder();
    open(folder).append(Buffer.from('1\n'), 1, digestsOf('1\n'));

    expect(() => open(folder)).toThrow('EEXIST');
    expect(readFileSync(join(folder, 'h-1-1.ndjson'), 'utf8')).toBe('1\n');
  });

  it('counts its bytes', () => {
    const file = open();
    file.append(Buffer.from('äb\n'), 1, digestsOf('äb\n'));

    expect(file.bytes).toBe(4);
  });

  it('knows when somebody deleted it', () => {
    const file = open();
    expect(file.isDeleted).toBe(false);
    rmSync(file.mark.path);

    expect(file.isDeleted).toBe(true);
  });

  it('makes its folders; nobody but owner and group may read either, whatever the umask permits', () => {
    const umask = process.umask(0);
    const root = temporaryFolder();
    const file = open(join(root, 'model=m', 'date=2026-01-02'));
    process.umask(umask);

    const mode = (path: string): number => statSync(path).mode & 0o7777;
    expect(mode(file.mark.path)).toBe(0o640);
    expect(mode(join(root, 'model=m'))).toBe(0o750);
    expect(mode(join(root, 'model=m', 'date=2026-01-02'))).toBe(0o750);
  });
});
