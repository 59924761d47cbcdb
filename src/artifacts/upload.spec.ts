import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ARTIFACTS } from '../../test/support/artifacts.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { sameFiles } from './content-digest.js';
import { removeLeftovers, Upload } from './upload.js';

const IRIS = join(ARTIFACTS, 'iris', '1');

async function uploaded(root: string): Promise<Upload> {
  const upload = await Upload.begin(root);
  cpSync(IRIS, upload.folder, { recursive: true });
  return upload;
}

describe('publishing an upload', () => {
  it('puts it in its place and leaves nothing beside', async () => {
    const root = temporaryFolder();

    expect(await (await uploaded(root)).publish('flowers', '3')).toBe(true);
    expect(await sameFiles(join(root, 'flowers', '3'), IRIS)).toBe(true);
    expect(readdirSync(root).toSorted()).toEqual(['.uploads', 'flowers']);
    expect(readdirSync(join(root, '.uploads'))).toEqual([]);
  });

  it('says so where the same files stand already', async () => {
    const root = temporaryFolder();
    await (await uploaded(root)).publish('iris', '1');

    expect(await (await uploaded(root)).publish('iris', '1')).toBe(false);
    expect(readdirSync(join(root, '.uploads'))).toEqual([]);
  });

  it.each([
    ['one file more', 'notes.txt'],
    ['a changed file', 'card.md'],
    ['another order of its sums', 'SHA256SUMS'],
  ])('is refused over %s under that number, which stays as it was', async (_, name) => {
    const root = temporaryFolder();
    await (await uploaded(root)).publish('iris', '1');
    const other = await uploaded(root);
    writeFileSync(join(other.folder, name), 'other');

    await expect(other.publish('iris', '1')).rejects.toMatchObject({
      code: 'version_taken',
      message: 'iris/1 is there already with other files; export it under a new number',
    });
    expect(await sameFiles(join(root, 'iris', '1'), IRIS)).toBe(true);
    expect(readdirSync(join(root, '.uploads'))).toEqual([]);
  });

  it('at the same moment gives the number to one alone', async () => {
    const root = temporaryFolder();
    const uploads = await Promise.all(Array.from({ length: 8 }, () => uploaded(root)));
    const published = await Promise.all(uploads.map((upload) => upload.publish('iris', '1')));

    expect(published.filter(Boolean)).toHaveLength(1);
    expect(await sameFiles(join(root, 'iris', '1'), IRIS)).toBe(true);
  });

  it('leaves no model behind where it fails', async () => {
    const root = temporaryFolder();
    const upload = await uploaded(root);
    await upload.remove();

    await expect(upload.publish('iris', '1')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(existsSync(join(root, 'iris'))).toBe(false);
  });
});

describe('what killed uploads left', () => {
  const host = hostname();
  const dead = spawnSync('true').pid;

  it.each([
    ['of a dead process', `${host}-${dead}-a`, 0, true],
    ['of a process of this number before', `${host}-${process.pid}-a`, 0, true],
    ['of a living process', `${host}-${process.ppid}-a`, 0, false],
    ['of another machine, of now', 'elsewhere-1-a', 0, false],
    ['of another machine, of yesterday', 'elsewhere-1-a', 86_400, true],
    ['of nobody, of now', 'stray', 0, false],
    ['of nobody, of yesterday', 'stray', 86_400, true],
  ])('is removed or stays: %s', async (_, name, secondsAgo, isRemoved) => {
    const root = temporaryFolder();
    const folder = join(root, '.uploads', name);
    mkdirSync(join(folder, 'files'), { recursive: true });
    writeFileSync(join(folder, 'files', 'model.onnx'), 'half');
    const time = Date.now() / 1000 - secondsAgo;
    utimesSync(folder, time, time);

    expect(await removeLeftovers(root)).toBe(Number(isRemoved));
    expect(existsSync(folder)).toBe(!isRemoved);
  });

  it('is nothing where nobody has uploaded', async () => {
    expect(await removeLeftovers(temporaryFolder())).toBe(0);
  });
});
