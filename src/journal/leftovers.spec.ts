import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { atEnd } from '../../test/support/clean-up.js';
import { watchFileCalls } from '../../test/support/file-calls.js';
import { recordFiles } from '../../test/support/records.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { MAY_MOUNT, smallDisk, takeSpace } from '../../test/support/tmpfs.js';
import { newOwner } from '../files/lock-owner.js';
import type { AppLogger } from '../observability/app-logger.js';
import { Leftovers } from './leftovers.js';
import { OpenMarks } from './open-marks.js';
import { SealChain } from './seal-chain.js';
import { markedPath } from './record-name.js';
import { verifyTree } from './verify.js';

/** Set RECORD_FILES for more of them. */
const FILES = Number(process.env['RECORD_FILES'] ?? 2_000);
const WHOLE = '{"prediction_id":"1","model":"m"}\n';
const TORN = '{"prediction_id":"2","mo';
const EARLIER = join(import.meta.dirname, '../../test/prediction-log/earlier-tree');
const ended = Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }));

const dead = (): object => ({ ...newOwner(), pid: ended });
const living = (): object => ({ ...newOwner(), pid: process.ppid, started: null });
const foreign = (): object => ({ ...newOwner(), host: 'elsewhere' });

interface Process {
  readonly marks: OpenMarks;
  readonly leftovers: Leftovers;
  readonly told: string[];
}

/** What a server has that starts in `root`. */
function start(root: string): Process {
  const told: string[] = [];
  const marks = new OpenMarks(root);
  marks.begin();
  const leftovers = new Leftovers(root, marks, new SealChain(root), {
    info: () => undefined,
    warn: (text: string, facts: object) => told.push(`${text} ${JSON.stringify(facts)}`),
  } as unknown as AppLogger);
  atEnd(() => {
    leftovers.close();
    marks.release();
  });
  return { marks, leftovers, told };
}

/** Leaves a torn record file behind, marked by a writer. @returns its path. */
function leave(root: string, writer: string, owner: object | string | undefined, seconds = 0): string {
  const mark = `m,2026-01-02,${writer.split('/').at(-1)!}-1`;
  const path = markedPath(root, mark)!;
  const folder = join(root, '.open', writer);
  mkdirSync(folder, { recursive: true });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, WHOLE + TORN);
  writeFileSync(join(folder, mark), '');
  const ownerFile = join(folder, 'owner');
  if (owner !== undefined)
    writeFileSync(ownerFile, typeof owner === 'string' ? owner : JSON.stringify(owner));
  const time = Date.now() / 1000 - seconds;
  for (const each of [path, ...(owner === undefined ? [folder] : [ownerFile])]) utimesSync(each, time, time);
  return path;
}

const isMended = (path: string): boolean =>
  readFileSync(path, 'utf8') === WHOLE && readFileSync(`${path}.torn`, 'utf8') === TORN;
const isUntouched = (path: string): boolean =>
  readFileSync(path, 'utf8') === WHOLE + TORN && !existsSync(`${path}.torn`);
const writersIn = (root: string): string[] => readdirSync(join(root, '.open')).toSorted();

describe(Leftovers.name, () => {
  it.each([
    ['a process of this host that has ended', dead, 0],
    ['another host that was silent for a minute', foreign, 61],
    ['another host, from a future that its clock once had', foreign, -61],
    ['nobody whose name was ever written whole', () => '{"tok', 61],
    ['nobody who came to write his name', () => undefined, 61],
  ])('mends the file of %s, and takes its marks away', async (_, owner, seconds) => {
    const root = temporaryFolder();
    const path = leave(root, 'h-1-0123456789abcdef', owner(), seconds);
    const { leftovers, marks, told } = start(root);
    await leftovers.begin();

    expect(isMended(path)).toBe(true);
    expect(told).toEqual([
      `torn last line of a killed process moved aside {"file":"${path}.torn","bytes":${TORN.length}}`,
    ]);
    await leftovers.look();
    expect(readdirSync(marks.folder)).toEqual(['owner']);
    marks.release();
    expect(writersIn(root)).toEqual([]);
  });

  it.each([
    ['a living process', living, 3_600],
    ['another host that gave a sign of life', foreign, 50],
    ['somebody who is about to write his name', () => '', 50],
  ])('does not touch the file of %s', async (_, owner, seconds) => {
    const root = temporaryFolder();
    const path = leave(root, 'h-1-0123456789abcdef', owner(), seconds);
    const { leftovers } = start(root);
    await leftovers.begin();
    await leftovers.look();

    expect(isUntouched(path)).toBe(true);
    expect(writersIn(root)).toContain('h-1-0123456789abcdef');
  });

  it('does not touch a file of a silent host that was written to a moment ago, but mends it later', async () => {
    const root = temporaryFolder();
    const path = leave(root, 'h-1-0123456789abcdef', foreign(), 61);
    const now = Date.now() / 1000;
    utimesSync(path, now, now);
    const { leftovers } = start(root);
    await leftovers.begin();
    expect(isUntouched(path)).toBe(true);
    utimesSync(path, now - 61, now - 61);
    await leftovers.look();

    expect(isMended(path)).toBe(true);
  });

  it('goes on with what others had taken over when they were killed', async () => {
    const root = temporaryFolder();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => `h-1-${name.repeat(16)}`) as [string, string, string];
    const paths = [
      leave(root, a, dead()),
      leave(root, `${a}/${b}`, dead()),
      leave(root, `${a}/${b}/${c}`, dead()),
    ];
    const { leftovers, marks } = start(root);
    await leftovers.begin();

    expect(paths.map(isMended)).toEqual([true, true, true]);
    await leftovers.look();
    expect(readdirSync(marks.folder)).toEqual(['owner']);
  });

  it('is done by one of many at once', async () => {
    const root = temporaryFolder();
    const paths = Array.from({ length: 20 }, (_, n) =>
      leave(root, `h-1-${String(n).padStart(16, '0')}`, dead()),
    );
    const processes = Array.from({ length: 5 }, () => start(root));
    await Promise.all(processes.map(({ leftovers }) => leftovers.begin()));

    expect(paths.map(isMended)).toEqual(paths.map(() => true));
    expect(processes.flatMap(({ told }) => told)).toHaveLength(20);
    await Promise.all(processes.map(({ leftovers }) => leftovers.look()));
  });

  it('takes away the mark of a file that was never made, and leaves what is not its own', async () => {
    const root = temporaryFolder();
    const folder = join(root, '.open', 'h-1-0123456789abcdef');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'owner'), JSON.stringify(dead()));
    writeFileSync(join(folder, 'm,2026-01-02,h-1-0123456789abcdef-1'), '');
    writeFileSync(join(folder, '..,2026-01-02,h-1-0123456789abcdef-1'), '');
    writeFileSync(join(root, '.open', 'notes.txt'), 'mine');
    const { leftovers, marks } = start(root);
    await leftovers.begin();

    expect(readdirSync(marks.folder)).toEqual(['owner']);
    expect(readFileSync(join(root, '.open', 'notes.txt'), 'utf8')).toBe('mine');
    expect(recordFiles(root)).toEqual([]);
  });

  it(`opens the files that are marked alone, among ${FILES}`, async () => {
    const root = temporaryFolder();
    const torn = leave(root, 'h-1-0123456789abcdef', dead());
    for (let n = 0; n < FILES; n++) writeFileSync(join(dirname(torn), `h-2-${n}.ndjson`), WHOLE);
    writeFileSync(join(root, '.open', 'scanned'), '');
    // As after a start that has sealed what earlier builds left.
    new SealChain(root).append({ earlier: 0 });
    const { leftovers } = start(root);
    const opened: string[] = [];
    const end = await watchFileCalls(({ name, parameters: [path] }) => {
      if (name === 'open' && String(path).includes('.ndjson')) opened.push(String(path));
    });
    await leftovers.begin();
    await leftovers.look();
    end();

    expect(new Set(opened)).toEqual(new Set([torn, `${torn}.torn`]));
    expect(isMended(torn)).toBe(true);
  });

  it('looks at no file without a mark once the tree was looked through', async () => {
    const root = temporaryFolder();
    const first = start(root);
    await first.leftovers.begin();
    await first.leftovers.look();
    const path = join(root, 'model=m', 'h-1-1.ndjson');
    mkdirSync(dirname(path));
    writeFileSync(path, TORN);
    utimesSync(path, 0, 0);
    await start(root).leftovers.look();

    expect(readFileSync(path, 'utf8')).toBe(TORN);
  });
});

describe('a look that is under way when its process ends', () => {
  it('says nothing of the folder that is gone by then', async () => {
    const root = temporaryFolder();
    const { marks, leftovers, told } = start(root);
    let isEnded = false;
    const end = await watchFileCalls(({ name, parameters }) => {
      if (isEnded || name !== 'readdir' || parameters[0] !== marks.folder) return;
      isEnded = true;
      leftovers.close();
      marks.release();
    });
    await leftovers.look();
    end();

    expect(isEnded).toBe(true);
    expect(told).toEqual([]);
  });
});

describe('a start in which a call of the file system fails, whichever it is', () => {
  it('leaves what the next one mends', async () => {
    const names = new Set<string>();
    for (let number = 1; ; number++) {
      const root = temporaryFolder();
      const path = leave(root, 'h-1-0123456789abcdef', dead());
      const first = start(root);
      let failed: string | undefined;
      const end = await watchFileCalls((call) => {
        if (call.number !== number) return;
        failed = call.name;
        throw Object.assign(new Error('made up'), { code: 'EIO' });
      });
      await first.leftovers.begin().catch(() => undefined);
      await first.leftovers.look();
      end();
      if (failed === undefined) break;
      names.add(failed);
      // It dies; what it had taken over goes to the next.
      if (existsSync(first.marks.folder))
        writeFileSync(join(first.marks.folder, 'owner'), JSON.stringify(dead()));
      const next = start(root);
      await next.leftovers.begin();
      await next.leftovers.look();

      expect(isMended(path), `call ${number}, ${failed}`).toBe(true);
      expect(readdirSync(next.marks.folder)).toEqual(['owner']);
    }

    expect([...names]).toEqual(expect.arrayContaining(['rename', 'rm', 'handle.sync', 'handle.truncate']));
  });
});

describe.skipIf(!MAY_MOUNT)('on a full disk (skipped where mounting a tmpfs is not permitted)', () => {
  it('mends later what a full disk does not permit now', async () => {
    const root = smallDisk();
    const path = leave(root, 'h-1-0123456789abcdef', dead());
    const { leftovers, told } = start(root);
    const giveBack = takeSpace(root);
    await leftovers.begin();
    await leftovers.look();
    expect(readFileSync(path, 'utf8')).toBe(WHOLE + TORN);
    expect(told).toEqual([
      expect.stringMatching(/^record file of a killed process cannot be looked at.*ENOSPC/),
    ]);
    giveBack();
    await leftovers.look();

    expect(isMended(path)).toBe(true);
  });
});

describe('a tree that an earlier build has written', () => {
  it('is mended when nobody has written to it for ten minutes, whatever its names say', async () => {
    const root = temporaryFolder();
    cpSync(EARLIER, root, { recursive: true });
    const { leftovers } = start(root);
    await leftovers.begin();
    await leftovers.look();
    const before = await verifyTree(root);
    expect(before).toMatchObject({ files: 3, records: 5, torn: 1, duplicates: 0, quarantined: 1 });
    expect(existsSync(join(root, '.open', 'scanned'))).toBe(false);
    for (const path of recordFiles(root)) utimesSync(path, Date.now() / 1000 - 601, Date.now() / 1000 - 601);
    await leftovers.look();

    expect(await verifyTree(root)).toMatchObject({
      ...before,
      torn: 0,
      tornAt: [],
      quarantined: 2,
      models: { iris: 3, sentiment: 1, turnover: 1 },
    });
    expect(existsSync(join(root, '.open', 'scanned'))).toBe(true);
  });
});
