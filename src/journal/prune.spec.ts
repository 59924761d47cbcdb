import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { all } from '../../test/support/all.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { digestOf } from './line-digest.js';
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
    expect(await all(pruneTree(root, 2, { now: NOW, by: 'somebody' }))).toEqual(
      days.map((day) => ({ ...day, open: undefined })),
    );
    expect(filesOf(root)).toEqual([...kept, 'erasures.ndjson'].toSorted());
    expect(existsSync(join(root, 'model=m/date=2026-11-23'))).toBe(false);
    const lines = readFileSync(join(root, 'erasures.ndjson'), 'utf8').trim().split('\n');
    const names = [
      ['model=m/date=2026-11-23/h-1-1.ndjson', 'h-1-2.ndjson', 'h-1-3.ndjson.torn'],
      ['model=n/date=2025-12-31/h-1-1.ndjson'],
    ].map(([first, ...others]) => [first!, ...others.map((name) => join(first!, '..', name))]);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      days.map(({ model, date, bytes: size }, at) => ({
        time: expect.any(String),
        pruned: `model=${model}/date=${date}`,
        model,
        date,
        files: names[at],
        bytes: size,
        by: 'somebody',
        previous: at === 0 ? null : digestOf(`${lines[at - 1]}\n`),
      })),
    );
    expect(await verifyTree(root)).toMatchObject({ records: 5, torn: 0, pruned: 2 });
    expect(await all(pruneTree(root, 2, { now: NOW }))).toEqual([]);
  });

  it('only says what it would remove, when it is to try', async () => {
    const root = tree(['model=m/date=2026-01-01/h-1-1.ndjson']);

    expect(await all(pruneTree(root, 180, { isDryRun: true, now: NOW }))).toMatchObject([
      { date: '2026-01-01', open: undefined },
    ]);
    expect(filesOf(root)).toEqual(['model=m/date=2026-01-01/h-1-1.ndjson']);
  });

  it('leaves a day alone, all of it, where a file was written to within a day', async () => {
    const files = ['model=m/date=2026-01-01/h-1-1.ndjson', 'model=m/date=2026-01-01/h-1-2.ndjson'];
    const root = tree(files);
    utimesSync(join(root, files[1]!), NOW, NOW);

    expect(await all(pruneTree(root, 180, { now: NOW }))).toMatchObject([{ open: join(root, files[1]!) }]);
    expect(filesOf(root)).toEqual(files);
  });

  it('never touches today or yesterday', async () => {
    const files = ['model=m/date=2026-11-25/h-1-1.ndjson', 'model=m/date=2026-11-26/h-1-1.ndjson'];
    const root = tree(files);

    expect(await all(pruneTree(root, 1, { now: NOW }))).toEqual([]);
    expect(filesOf(root)).toEqual(files);
  });

  it('goes on with a day that a kill has left half removed, and counts it once', async () => {
    const root = tree(['model=m/date=2026-01-01/h-1-2.ndjson']);
    const day = { time: 'then', model: 'm', date: '2026-01-01', files: 2, bytes: 68 };
    writeFileSync(join(root, 'pruned.jsonl'), `${JSON.stringify(day)}\n`);

    expect(await all(pruneTree(root, 180, { now: NOW }))).toMatchObject([{ files: 1 }]);
    expect(filesOf(root)).toEqual(['erasures.ndjson', 'pruned.jsonl']);
    expect(await verifyTree(root)).toMatchObject({ files: 0, pruned: 1 });
  });
});
