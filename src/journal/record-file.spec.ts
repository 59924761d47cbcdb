import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { RecordFile, writerOf } from './record-file.js';

const numberOf = (file: RecordFile): string | undefined => /-(\d+)\.ndjson$/.exec(file.path)?.[1];

describe(RecordFile.name, () => {
  it('takes the next free number, also behind a gap and beyond nine', () => {
    const folder = temporaryFolder();
    const first = RecordFile.openNext(folder);
    expect(numberOf(first)).toBe('1');
    writeFileSync(first.path.replace(/-1\.ndjson$/, '-12.ndjson'), '');

    expect(numberOf(RecordFile.openNext(folder))).toBe('13');
  });

  it('never opens a file that is there: two writers with the same host and pid get two files', () => {
    const folder = temporaryFolder();
    const files = [RecordFile.openNext(folder), RecordFile.openNext(folder)];
    for (const [index, file] of files.entries()) file.append(Buffer.from(`${index}\n`.repeat(100)));

    expect(new Set(files.map(({ path }) => path)).size).toBe(2);
    expect(files.map(({ path }) => readFileSync(path, 'utf8'))).toEqual([
      '0\n'.repeat(100),
      '1\n'.repeat(100),
    ]);
  });

  it('counts its bytes', () => {
    const file = RecordFile.openNext(temporaryFolder());
    file.append(Buffer.from('äb\n'));

    expect(file.bytes).toBe(4);
  });

  it('knows when somebody deleted it', () => {
    const file = RecordFile.openNext(temporaryFolder());
    expect(file.isDeleted).toBe(false);
    rmSync(file.path);

    expect(file.isDeleted).toBe(true);
  });

  it('makes its folder', () => {
    const folder = join(temporaryFolder(), 'model=m', 'date=2026-01-02');

    expect(RecordFile.openNext(folder).path.startsWith(folder)).toBe(true);
  });
});

describe(writerOf.name, () => {
  it('reads host and process from the name', () => {
    const name = basename(RecordFile.openNext(temporaryFolder()).path);
    const host = hostname().replaceAll(/[^A-Za-z0-9._-]/g, '_');

    expect(writerOf(name)).toEqual({ host, pid: process.pid, isThisHost: true });
    expect(writerOf('pod-7-a1b2-31-4.ndjson')).toEqual({ host: 'pod-7-a1b2', pid: 31, isThisHost: false });
  });

  it.each(['notes.ndjson', 'host-1.ndjson', 'host-1-2.json', '-1-2.ndjson', 'host-x-2.ndjson'])(
    'does not take %s for one of ours',
    (name) => {
      expect(writerOf(name)).toBeUndefined();
    },
  );
});
