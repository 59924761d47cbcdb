import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { ownedName } from '../files/process-owner.js';
import { compressTree, type PackStep } from './compress.js';
import { verifyTree } from './verify.js';

const NOW = new Date('2026-11-26T12:00:00Z');
const LONG_AGO = new Date('2026-01-03T00:00:00Z');
const PAST = 'model=m/date=2026-01-02';
const record = (id: number): string => `{"prediction_id":"${id}","model":"m"}\n`;

function tree(files: Readonly<Record<string, string | Buffer>>): string {
  const root = temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content, { mode: 0o640 });
    utimesSync(join(root, path), LONG_AGO, LONG_AGO);
  }
  return root;
}

async function compressed(root: string): Promise<PackStep[]> {
  const steps: PackStep[] = [];
  for await (const step of compressTree(root, NOW)) steps.push(step);
  return steps;
}

describe(compressTree.name, () => {
  it('packs the files of past days, with mode and age, and nothing else', async () => {
    const text = record(1) + record(2);
    const others = [
      'model=m/date=2026-11-26/h-1-1.ndjson',
      `${PAST}/h-1-2.ndjson.torn`,
      'model=m/history.ndjson',
    ];
    const root = tree({
      [`${PAST}/h-1-1.ndjson`]: text,
      ...Object.fromEntries(others.map((path, at) => [path, record(10 + at)])),
    });
    const [plain, packed] = [join(root, PAST, 'h-1-1.ndjson'), join(root, PAST, 'h-1-1.ndjson.gz')];

    expect(await compressed(root)).toEqual([
      { path: plain, bytes: text.length, packed: statSync(packed).size },
    ]);
    expect(gunzipSync(readFileSync(packed)).toString()).toBe(text);
    expect(statSync(packed)).toMatchObject({ mode: 0o100640, mtimeMs: LONG_AGO.getTime() });
    expect(readdirSync(join(root, PAST))).toEqual(['h-1-1.ndjson.gz', 'h-1-2.ndjson.torn']);
    expect(others.every((path) => existsSync(join(root, path)))).toBe(true);
    expect(readdirSync(root)).toEqual(['model=m']);
    expect(await compressed(root)).toEqual([]);
  });

  it('keeps a file that was written to within a day, one with a torn line, and one whose packed form differs', async () => {
    const root = tree({
      [`${PAST}/h-1-1.ndjson`]: record(1),
      [`${PAST}/h-1-2.ndjson`]: `${record(2)}{"pre`,
      [`${PAST}/h-1-3.ndjson`]: record(3),
      [`${PAST}/h-1-3.ndjson.gz`]: gzipSync(record(4)),
    });
    const path = (n: number): string => join(root, PAST, `h-1-${n}.ndjson`);
    utimesSync(path(1), NOW, NOW);

    expect(await compressed(root)).toEqual([
      { path: path(1), kept: 'it was written to within a day' },
      { path: path(2), kept: 'its last line is torn; the next start of its server moves it aside' },
      { path: path(3), kept: `${path(3)}.gz is there with other content` },
    ]);
    expect(readFileSync(path(2), 'utf8')).toBe(`${record(2)}{"pre`);
    expect(await verifyTree(root)).toMatchObject({ records: 4, duplicates: 0 });
  });

  it('goes on from where a kill has left it', async () => {
    const root = tree({
      [`${PAST}/h-1-1.ndjson`]: record(1),
      [`${PAST}/h-1-1.ndjson.gz`]: gzipSync(record(1)),
      [`${PAST}/h-1-2.ndjson`]: record(2),
      [`.compressing/${ownedName('packed')}.gz`]: 'half',
    });
    expect(await verifyTree(root)).toMatchObject({ records: 2, duplicates: 0, torn: 0 });

    expect(await compressed(root)).toHaveLength(2);
    expect(readdirSync(join(root, PAST))).toEqual(['h-1-1.ndjson.gz', 'h-1-2.ndjson.gz']);
    expect(existsSync(join(root, '.compressing'))).toBe(false);
    expect(await verifyTree(root)).toMatchObject({ records: 2, duplicates: 0, torn: 0 });
  });
});
