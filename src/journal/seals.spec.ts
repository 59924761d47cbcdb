import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  globSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { vi } from 'vitest';
import { keyFiles } from '../../test/support/key-files.js';
import { openLog, record } from '../../test/support/open-log.js';
import { recordFiles } from '../../test/support/records.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { publicKeys } from './seal-key.js';
import { verifyTree } from './verify.js';

const EARLIER = join(import.meta.dirname, '../../test/prediction-log/earlier-tree');
const ended = Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }));
const rows = (count: number): object[] => Array.from({ length: count }, () => ({}));
const chains = (root: string): string =>
  globSync(join(root, 'seals/*.jsonl'))
    .map((path) => readFileSync(path, 'utf8'))
    .join('');

/** A copy of a tree as a kill of its writer leaves it. */
function killed(root: string): string {
  const copy = temporaryFolder();
  cpSync(root, copy, { recursive: true });
  for (const path of globSync(join(copy, '.open/*/owner')))
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), pid: ended }));
  return copy;
}

describe('seals', () => {
  it.each(['written', 'buffered', 'synced'])(
    'vouch for every line, of several files and models, at durability %s',
    async (PREDICTION_LOG_DURABILITY) => {
      const { log, folder } = openLog({ PREDICTION_LOG_DURABILITY, PREDICTION_LOG_FILE_BYTES: '4096' });
      await log.open();
      for (let batch = 0; batch < 12; batch++) {
        await record(log, 'm', rows(5));
        await record(log, 'n', rows(1));
        log.flush();
      }
      expect(await verifyTree(folder)).toMatchObject({ records: 72, unsealed: 2, faults: [] });
      await log.onApplicationShutdown();

      const { sealed, ...found } = await verifyTree(folder, { head: log.head! });
      expect(found).toMatchObject({ records: 72, unsealed: 0, earlier: 0, faults: [] });
      expect(sealed).toBeGreaterThan(3);
    },
  );

  it('hang together over starts: each chain names the newest lines of those before it', async () => {
    const folder = temporaryFolder();
    const heads: string[] = [];
    for (let start = 0; start < 3; start++) {
      const { log } = openLog({ PREDICTION_LOG_DIR: folder });
      await log.open();
      await record(log, 'm', rows(2));
      await vi.waitFor(() => expect(chains(folder)).toContain('"earlier":0'));
      await log.onApplicationShutdown();
      heads.push(log.head!);
    }
    expect(await verifyTree(folder, { head: heads[0]! })).toMatchObject({ sealed: 3, faults: [] });
    for (const path of globSync(join(folder, 'seals/*.jsonl')))
      if (readFileSync(path, 'utf8').includes('"after":[]')) rmSync(path);

    const { faults } = await verifyTree(folder, { head: heads[0]! });
    expect(faults.map(({ what }) => what)).toEqual([
      `the line with the digest ${heads[0]} is gone`,
      expect.stringMatching(`no line has the digest ${heads[0]}`),
      'is named by no seal',
    ]);
  });

  it('are made by the next start of what a kill left, a torn line aside', async () => {
    const before = openLog();
    await before.log.open();
    await record(before.log, 'm', rows(3));
    const root = killed(before.folder);
    appendFileSync(recordFiles(root)[0]!, '{"prediction_id":"torn');
    expect(await verifyTree(root)).toMatchObject({ sealed: 0, unsealed: 1, torn: 1 });
    const { log } = openLog({ PREDICTION_LOG_DIR: root });
    await log.open();
    await vi.waitFor(() => expect(chains(root)).toContain('"by":"killed"'));

    await log.onApplicationShutdown();
    expect(await verifyTree(root)).toMatchObject({ records: 3, sealed: 1, unsealed: 0, torn: 0, faults: [] });
    expect(readdirSync(join(root, '.open'))).not.toContainEqual(expect.stringMatching(/-/));
  });

  it('list the files that were there before there were seals, and tell of a change since', async () => {
    const root = temporaryFolder();
    // The one of turnover is torn, and would be looked at again ten minutes after it is mended.
    cpSync(EARLIER, root, { recursive: true, filter: (path) => !path.includes('turnover') });
    for (const path of recordFiles(root)) utimesSync(path, 1_736_000_000, 1_736_000_000);
    expect(await verifyTree(root)).toMatchObject({ earlier: 2, faults: [] });
    const { log } = openLog({ PREDICTION_LOG_DIR: root });
    await log.open();
    await record(log, 'm', rows(1));
    await vi.waitFor(() => expect(chains(root)).toContain('"earlier":2'));
    await log.onApplicationShutdown();
    expect(await verifyTree(root)).toMatchObject({ sealed: 1, earlier: 2, faults: [] });

    const [path] = recordFiles(join(root, 'model=iris'));
    writeFileSync(path!, readFileSync(path!, 'utf8').replace('"prediction":', '"prediction": '));
    writeFileSync(join(root, 'model=iris', basename(path!)), 'another');
    expect((await verifyTree(root)).faults).toEqual([
      { file: expect.stringContaining('date='), line: 1, what: 'or a later line is not as it was sealed' },
      { file: `model=iris/${basename(path!)}`, line: undefined, what: 'is named by no seal' },
    ]);
  });

  it('are signed, and the seals of before there was a key are vouched for by the first that is', async () => {
    const { key, publicKey } = keyFiles();
    const folder = temporaryFolder();
    for (const PREDICTION_LOG_SEAL_KEY_FILE of ['', key]) {
      const { log } = openLog({ PREDICTION_LOG_DIR: folder, PREDICTION_LOG_SEAL_KEY_FILE });
      await log.open();
      await record(log, 'm', rows(2));
      await log.onApplicationShutdown();
    }
    const keys = publicKeys(publicKey);
    expect((await verifyTree(folder, { keys })).faults).toEqual([]);

    const other = publicKeys(keyFiles().publicKey);
    expect((await verifyTree(folder, { keys: other })).faults.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['is signed by none of the keys', 'is not signed']),
    );
    expect((await verifyTree(temporaryFolder(), { keys })).faults).toEqual([
      { file: 'seals', line: undefined, what: 'there are none' },
    ]);
  });

  it('need a private key of Ed25519', () => {
    expect(() => openLog({ PREDICTION_LOG_SEAL_KEY_FILE: keyFiles().publicKey })).toThrow(
      /PREDICTION_LOG_SEAL_KEY_FILE .* cannot be used: [^]*openssl genpkey -algorithm ed25519/,
    );
  });

  it('say of a file that was taken away while it was written to, and of one that goes on after it', async () => {
    const { log, folder } = openLog();
    await log.open();
    await record(log, 'm', rows(2));
    const [lost] = recordFiles(folder);
    rmSync(lost!);
    await record(log, 'm', rows(2));
    await log.onApplicationShutdown();

    expect(await verifyTree(folder)).toMatchObject({
      records: 2,
      sealed: 1,
      faults: [{ file: expect.stringMatching(basename(lost!)), what: 'is missing' }],
    });
  });

  it('stay away from lines that could not be written', async () => {
    const { log, folder } = openLog({ PREDICTION_LOG_DURABILITY: 'buffered' });
    await log.open();
    await record(log, 'm', rows(2));
    log.flush();
    rmSync(recordFiles(folder)[0]!);
    await record(log, 'm', rows(2));
    const file = log.of('m').take();
    await record(log, 'm', rows(1));
    log.flush();
    log.of('m').giveBack(file);
    await record(log, 'm', rows(3));
    await log.onApplicationShutdown();

    const { faults } = await verifyTree(folder);
    expect(faults.map(({ what }) => what)).toEqual(['is missing']);
  });
});
