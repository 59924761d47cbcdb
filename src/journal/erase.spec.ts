import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { all } from '../../test/support/all.js';
import { openLog, record } from '../../test/support/open-log.js';
import { recordFiles } from '../../test/support/records.js';
import { compressTree } from './compress.js';
import { eraseTree } from './erase.js';
import { enterLedger } from './ledger.js';
import { findRecord } from './record-search.js';
import { LEDGER } from './seal-entries.js';
import { ofInput, ofPrincipal, type Selection } from './selection.js';
import { verifyTree } from './verify.js';

const LATER = new Date('2027-06-01T00:00:00Z');
const SECRET = 'Æthelred "the" 数';
/** Two of five are his. */
const BATCH = [
  { principal: 'kay', inputs: { name: 'Ann', age: 30 } },
  { principal: SECRET, inputs: { name: SECRET, age: 31 } },
  { principal: 'kay', inputs: { name: 'Bob', age: 31.5 } },
  { principal: SECRET, inputs: { name: SECRET, age: 32 } },
  { inputs: { name: `not ${SECRET}`, age: 33 } },
];

/** A tree of two days, several files each, sealed; the first day is packed. */
async function sealedTree(): Promise<string> {
  const { log, folder } = openLog({ PREDICTION_LOG_FILE_BYTES: '4096' });
  await log.open();
  for (let batch = 0; batch < 12; batch++) await record(log, 'm', BATCH, '2026-01-02');
  await all(compressTree(await closed(log, folder), LATER));
  const second = openLog({ PREDICTION_LOG_DIR: folder, PREDICTION_LOG_FILE_BYTES: '4096' });
  await second.log.open();
  for (let batch = 0; batch < 12; batch++) await record(second.log, 'm', BATCH, '2026-01-03');
  return closed(second.log, folder);
}

async function closed(log: ReturnType<typeof openLog>['log'], folder: string): Promise<string> {
  await log.onApplicationShutdown();
  return folder;
}

const erase = async (root: string, selection: Selection): Promise<number> => {
  const steps = await all(eraseTree(root, selection, { by: 'kim' }, LATER));
  return steps.reduce((sum, step) => sum + ('records' in step ? step.records : Number.NaN), 0);
};

/** Every byte of a tree, unpacked. */
const textOf = (root: string): string =>
  globSync(join(root, '**/*'), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name)))
    .map((bytes) => (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString())
    .join('\n');

describe(eraseTree.name, () => {
  it('takes the records of a caller away, packed or not, and leaves places and digests', async () => {
    const root = await sealedTree();
    const { files } = await verifyTree(root);
    const said = JSON.stringify(SECRET);
    const ids = [...textOf(root).matchAll(/"prediction_id":"([^"]+)"[^\n]*"principal":"Æ/g)].map(
      ([, id]) => id!,
    );
    expect(ids).toHaveLength(48);
    expect(await erase(root, ofPrincipal(SECRET))).toBe(48);

    expect(textOf(root)).not.toContain(`"principal":${said}`);
    expect(textOf(root)).not.toContain(`"name":${said}`);
    expect(await verifyTree(root)).toMatchObject({ files, records: 72, erased: 48, torn: 0, faults: [] });
    expect(await findRecord(root, ids[7]!)).toEqual({ outcome: 'gone' });
    const [first] = readFileSync(join(root, LEDGER), 'utf8').split('\n');
    expect(JSON.parse(first!)).toMatchObject({
      erased: expect.stringMatching(/^model=m\/date=2026-01-02\/.*\.ndjson$/),
      where: 'principal',
      by: 'kim',
      records: expect.arrayContaining([
        { line: 2, id: expect.any(String), digest: expect.any(String), previous: expect.any(String) },
      ]),
    });
    expect(await erase(root, ofPrincipal(SECRET))).toBe(0);
  });

  it('takes those with a value of an input, a text or a number, and no other', async () => {
    const root = await sealedTree();
    expect(await erase(root, ofInput('name', SECRET))).toBe(48);
    expect(await erase(root, ofInput('age', '31'))).toBe(0);
    expect(await erase(root, ofInput('age', '31.50'))).toBe(24);

    expect(await verifyTree(root)).toMatchObject({ records: 48, erased: 72, faults: [] });
    expect(textOf(root)).not.toContain('Bob');
    expect(textOf(root)).toContain('not Æthelred');
  });

  it('leaves a file that is still written to, and says which', async () => {
    const { log, folder } = openLog();
    await log.open();
    await record(log, 'm', BATCH);
    const [path] = recordFiles(folder);
    const before = readFileSync(path!);

    expect(await all(eraseTree(folder, ofPrincipal('kay'), { by: 'kim' }))).toEqual([
      { path, held: 'a server writes to it, or was killed and not started again' },
    ]);
    expect(readFileSync(path!)).toEqual(before);
    expect(await all(eraseTree(folder, ofPrincipal('nobody'), { by: 'kim' }))).toEqual([]);
  });

  it('is finished by the next time where a kill came behind the ledger', async () => {
    const root = await sealedTree();
    const path = recordFiles(root).find((each) => each.includes('date='))!;
    const before = readFileSync(path);
    await erase(root, ofPrincipal(SECRET));
    writeFileSync(path, before);
    const entries = readFileSync(join(root, LEDGER), 'utf8');
    expect((await verifyTree(root)).faults).toEqual([
      { file: relative(root, path), line: 2, what: expect.stringContaining('run log erase again') },
    ]);
    expect(await erase(root, ofPrincipal(SECRET))).toBeGreaterThan(0);

    expect(readFileSync(join(root, LEDGER), 'utf8')).toBe(entries);
    expect((await verifyTree(root)).faults).toEqual([]);
  });

  it('is told from what somebody else did: a line that the ledger does not have, another digest, a removed line', async () => {
    const root = await sealedTree();
    await erase(root, ofPrincipal(SECRET));
    const path = recordFiles(root).find((each) => each.includes('date='))!;
    const before = readFileSync(path, 'utf8');
    const lines = before.split('\n');
    const digest = 'A'.repeat(43);
    const edits: [string[], number][] = [
      [lines.with(2, `{"erased":"${digest}","seq":3}`), 3],
      [lines.with(1, lines[1]!.replace(/"[\w-]{43}"/, `"${digest}"`)), 2],
      [lines.with(1, lines[1]!.replace('"seq":2', '"seq":4')), 2],
      [lines.with(0, lines[0]!.replace('Ann', 'Abe')), 1],
      [lines.toSpliced(1, 1), 2],
    ];
    for (const [edited, line] of edits) {
      writeFileSync(path, edited.join('\n'));
      const { faults } = await verifyTree(root);
      expect(faults.map((fault) => [fault.file, fault.line])).toEqual([[relative(root, path), line]]);
    }
    writeFileSync(path, before);
    writeFileSync(
      join(root, LEDGER),
      readFileSync(join(root, LEDGER), 'utf8').replace('"by":"kim"', '"by":"tom"'),
    );
    expect((await verifyTree(root)).faults.map(({ file, line }) => [file, line])).toEqual([[LEDGER, 1]]);
  });

  it('lets a missing file be told from one whose day was pruned', async () => {
    const root = await sealedTree();
    const [one, other] = recordFiles(root).filter((each) => each.includes('date='));
    for (const path of [one!, other!]) rmSync(path);
    enterLedger(root, {
      pruned: 'model=m/date=2026-01-03',
      model: 'm',
      date: '2026-01-03',
      files: [relative(root, one!)],
      bytes: 1,
      by: 'kim',
    });

    expect((await verifyTree(root)).faults).toEqual([
      { file: relative(root, other!), line: undefined, what: 'is missing' },
    ]);
  });

  it('removes torn lines that were moved aside, where they have such a value', async () => {
    const root = await sealedTree();
    const path = recordFiles(root).find((each) => each.includes('date='))!;
    for (const [name, text] of [
      ['a', 'Bob'],
      ['b', 'Ann'],
    ])
      writeFileSync(`${path}.${name}.torn`, `{"inputs":{"name":"${text}"`);
    await erase(root, ofInput('name', 'Bob'));

    expect(existsSync(`${path}.a.torn`)).toBe(false);
    expect(basename(`${path}.b.torn`)).toBe(basename(globSync(`${path}*.torn`)[0]!));
  });
});
