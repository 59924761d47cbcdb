import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { pruneTree } from './prune.js';
import { verifyTree } from './verify.js';

const NOW = new Date('2026-11-26T00:30:00Z');
const LONG_AGO = new Date('2026-01-01T00:00:00Z');
const RECORD = '{"prediction_id":"1","model":"m"}\n';

function tree(paths: readonly string[]): string {
  const root = temporaryFolder();
  for (const path of paths) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), RECORD);
    utimesSync(join(root, path), LONG_AGO, LONG_AGO);
  }
  return root;
}

const filesOf = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1))
    .toSorted();

describe(pruneTree.name, () => {
  it('removes whole days that are older, writes them down, and leaves all else', async () => {
    const kept = [
      'model=m/date=2026-11-24/h-1-1.ndjson',
      'model=m/date=2026-11-26/h-1-1.ndjson',
      'model=m/date=2027-01-01/h-1-1.ndjson',
      'model=m/date=2026-11-1/h-1-1.ndjson',
      'model=m/notes.txt',
      'other/date=2026-01-01/h-1-1.ndjson',
    ];
    const root = tree([
      ...kept,
      'model=m/date=2026-11-23/h-1-1.ndjson',
      'model=m/date=2026-11-23/h-1-2.ndjson.gz',
      'model=m/date=2026-11-23/h-1-3.ndjson.torn',
      'model=n/date=2025-12-31/h-1-1.ndjson',
    ]);

    const bytes = RECORD.length;
    const days = [
      { model: 'm', date: '2026-11-23', files: 3, bytes: 3 * bytes },
      { model: 'n', date: '2025-12-31', files: 1, bytes },
    ];
    expect([...pruneTree(root, 2, false, NOW)]).toEqual(days.map((day) => ({ ...day, open: undefined })));
    expect(filesOf(root)).toEqual([...kept, 'pruned.jsonl'].toSorted());
    expect(existsSync(join(root, 'model=m/date=2026-11-23'))).toBe(false);
    const lines = readFileSync(join(root, 'pruned.jsonl'), 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      days.map((day) => ({ time: expect.any(String), ...day })),
    );
    expect(await verifyTree(root)).toMatchObject({ records: 5, torn: 0, pruned: 2 });
    expect([...pruneTree(root, 2, false, NOW)]).toEqual([]);
  });

  it('only says what it would remove, when it is to try', () => {
    const root = tree(['model=m/date=2026-01-01/h-1-1.ndjson']);

    expect([...pruneTree(root, 180, true, NOW)]).toMatchObject([{ date: '2026-01-01', open: undefined }]);
    expect(filesOf(root)).toEqual(['model=m/date=2026-01-01/h-1-1.ndjson']);
  });

  it('leaves a day alone, all of it, where a file was written to within a day', () => {
    const files = ['model=m/date=2026-01-01/h-1-1.ndjson', 'model=m/date=2026-01-01/h-1-2.ndjson'];
    const root = tree(files);
    utimesSync(join(root, files[1]!), NOW, NOW);

    expect([...pruneTree(root, 180, false, NOW)]).toMatchObject([{ open: join(root, files[1]!) }]);
    expect(filesOf(root)).toEqual(files);
  });

  it('never touches today or yesterday', () => {
    const files = ['model=m/date=2026-11-25/h-1-1.ndjson', 'model=m/date=2026-11-26/h-1-1.ndjson'];
    const root = tree(files);

    expect([...pruneTree(root, 1, false, NOW)]).toEqual([]);
    expect(filesOf(root)).toEqual(files);
  });

  it('goes on with a day that a kill has left half removed, and counts it once', async () => {
    const root = tree(['model=m/date=2026-01-01/h-1-2.ndjson']);
    const day = { time: 'then', model: 'm', date: '2026-01-01', files: 2, bytes: 68 };
    writeFileSync(join(root, 'pruned.jsonl'), `${JSON.stringify(day)}\n`);

    expect([...pruneTree(root, 180, false, NOW)]).toMatchObject([{ files: 1 }]);
    expect(filesOf(root)).toEqual(['pruned.jsonl']);
    expect(await verifyTree(root)).toMatchObject({ files: 0, pruned: 1 });
  });
});
