import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atEnd } from '../../test/support/clean-up.js';
import { watchFileCalls } from '../../test/support/file-calls.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { FolderBusy, FolderLock } from './folder-lock.js';
import { newOwner } from './lock-owner.js';

const LOCK = '.aliases.lock';

/** Number of a process that has ended. */
const endedPid = (): number => Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }));

/** Number of a process that has ended, but was never asked for by its parent: that is no shell any more when it ends. */
async function zombiePid(): Promise<number> {
  const parent = spawn('sh', ['-c', 'sleep 0.5 & echo $!; exec sleep 60']);
  atEnd(() => parent.kill());
  const [pid] = (await once(parent.stdout, 'data')) as [Buffer];
  const stat = (): string => readFileSync(`/proc/${Number(String(pid))}/stat`, 'utf8');
  await vi.waitUntil(() => / Z /.test(stat()));
  return Number(String(pid));
}

function leave(folder: string, content: object | string, { name = LOCK, seconds = 0 } = {}): void {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  const time = Date.now() / 1000 - seconds;
  utimesSync(path, time, time);
}

const dead = (): object => ({ ...newOwner(), pid: endedPid() });
const foreign = (): object => ({ ...newOwner(), host: 'elsewhere' });

/** Takes the lock, looks that nothing but it is there, and gives it back. */
async function takeAndRelease(folder: string): Promise<void> {
  const lock = await FolderLock.acquire(folder);
  await lock.assertHeld();
  expect(readdirSync(folder)).toEqual([LOCK]);
  await lock.release();
  expect(readdirSync(folder)).toEqual([]);
}

describe(FolderLock.name, () => {
  it('is held by one caller at a time', async () => {
    const folder = temporaryFolder();
    let inside = 0;
    const most: number[] = [];
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        const lock = await FolderLock.acquire(folder);
        most.push(++inside);
        await lock.assertHeld();
        inside--;
        await lock.release();
      }),
    );

    expect(most).toEqual(Array.from({ length: 10 }, () => 1));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is taken over from a process that has ended', async () => {
    const folder = temporaryFolder();
    leave(folder, dead());

    await takeAndRelease(folder);
  });

  it('is taken over from a process whose number another one has now', async () => {
    const folder = temporaryFolder();
    leave(folder, { ...newOwner(), started: '1' });

    await takeAndRelease(folder);
  });

  it('is taken over from a zombie', async () => {
    const folder = temporaryFolder();
    const pid = await zombiePid();
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    leave(folder, { ...newOwner(), pid, started: fields[19] });

    await takeAndRelease(folder);
  });

  it.each([
    ['from the past', 11],
    ['from a future that a clock once had', -11],
  ])('is taken over from another host when it is old: %s', async (_, seconds) => {
    const folder = temporaryFolder();
    leave(folder, foreign(), { seconds });

    await takeAndRelease(folder);
  });

  it.each(['', '{"token":"a', '{"token":"../../x","pid":1}', '{"token":"x","pid":-1}'])(
    'is taken over when it is old and was never written whole: %s',
    async (text) => {
      const folder = temporaryFolder();
      leave(folder, text, { seconds: 11 });

      await takeAndRelease(folder);
    },
  );

  it('is taken over although others were killed while they did so', async () => {
    const folder = temporaryFolder();
    const [owner, taker, taker2] = [newOwner(), newOwner(), newOwner()];
    const pid = endedPid();
    leave(folder, { ...owner, pid });
    leave(folder, { ...taker, pid }, { name: `${LOCK}.${owner.token}` });
    leave(folder, { ...taker2, pid }, { name: `${LOCK}.${taker.token}` });

    await takeAndRelease(folder);
  });

  it('is taken over by one of many, round after round', async () => {
    const folder = temporaryFolder();
    const pid = endedPid();
    let inside = 0;
    let most = 0;
    for (let round = 0; round < 20; round++) {
      leave(folder, round % 2 === 0 ? { ...newOwner(), pid } : foreign(), { seconds: 11 });
      await Promise.all(
        Array.from({ length: 6 }, async () => {
          const lock = await FolderLock.acquire(folder);
          most = Math.max(most, ++inside);
          await lock.assertHeld();
          inside--;
          await lock.release();
        }),
      );
    }

    expect(most).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is waited for, but not for ever, where its owner may live', async () => {
    const owners = [newOwner(), { ...newOwner(), pid: process.ppid, started: null }, foreign(), ''];
    const folders = owners.map((owner) => {
      const folder = temporaryFolder();
      leave(folder, owner);
      return folder;
    });

    const waits = await Promise.allSettled(folders.map(async (folder) => FolderLock.acquire(folder)));
    expect(waits).toEqual(
      folders.map(() => ({
        status: 'rejected',
        reason: expect.any(FolderBusy) as unknown,
      })),
    );
    expect(folders.map((folder) => readdirSync(folder))).toEqual(folders.map(() => [LOCK]));
  });

  it('is not held any more when somebody took it, and then stays his', async () => {
    const folder = temporaryFolder();
    const lock = await FolderLock.acquire(folder);
    leave(folder, foreign());

    await expect(lock.assertHeld()).rejects.toBeInstanceOf(FolderBusy);
    await lock.release();
    expect(readdirSync(folder)).toEqual([LOCK]);
  });

  it('is not sure any more after five seconds', async () => {
    const folder = temporaryFolder();
    const lock = await FolderLock.acquire(folder);
    const now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(now + 5_100);
    await expect(lock.assertHeld()).rejects.toBeInstanceOf(FolderBusy);
    clock.mockRestore();

    await lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is nobody’s when its owner could not remove it', async () => {
    const folder = temporaryFolder();
    const lock = await FolderLock.acquire(folder);
    const restore = await watchFileCalls(({ name }) => {
      if (name === 'rm') throw Object.assign(new Error('broken'), { code: 'EIO' });
    });
    await lock.release();
    restore();
    expect(readdirSync(folder)).toEqual([LOCK]);

    await takeAndRelease(folder);
  });

  it('removes what killed processes left long ago, and nothing else', async () => {
    const folder = temporaryFolder();
    leave(folder, 'x', { name: '.aliases.json.a', seconds: 61 });
    leave(folder, 'x', { name: '.aliases.b', seconds: 61 });
    leave(folder, 'x', { name: '.aliases.c', seconds: 30 });
    leave(folder, 'x', { name: 'aliases.json', seconds: 61 });
    leave(folder, 'x', { name: '.other', seconds: 61 });
    await (await FolderLock.acquire(folder)).release();

    expect(readdirSync(folder).toSorted()).toEqual(['.aliases.c', '.other', 'aliases.json']);
  });
});
