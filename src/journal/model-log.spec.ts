import fs, {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { append, digestsOf, openLog } from '../../test/support/open-log.js';
import { recordFiles } from '../../test/support/records.js';
import { MAY_MOUNT, smallDisk, takeSpace } from '../../test/support/tmpfs.js';
import { PredictionLogUnavailable } from '../errors/errors.js';
import { ModelLog } from './model-log.js';
import type { PredictionLog } from './prediction-log.js';

const LINE = `${JSON.stringify({ prediction_id: 'x', model: 'm', pad: 'p'.repeat(200) })}\n`;
const contents = (folder: string): string[] => recordFiles(folder).map((path) => readFileSync(path, 'utf8'));
const refuses = (log: PredictionLog, model: string, lines = LINE): void =>
  expect(() => append(log, model, lines, 1)).toThrow(PredictionLogUnavailable);
const resumes = (log: PredictionLog, model: string): Promise<void> =>
  vi.waitFor(() => expect(log.of(model).isWritable).toBe(true), 5_000);

describe(ModelLog.name, () => {
  it('gives a file to one at a time, and numbers its lines on', () => {
    const { log, folder } = openLog();
    const model = log.of('m');
    const one = model.take();
    const two = model.take();
    expect([one.lines, two.lines]).toEqual([0, 0]);
    void model.append(one, Buffer.from(LINE.repeat(3)), 3, digestsOf(LINE.repeat(3)));
    expect(model.take()).toBe(one);
    expect(one.lines).toBe(3);
    model.giveBack(one);
    void model.append(two, Buffer.from(LINE), 1, digestsOf(LINE));

    expect(contents(folder).toSorted()).toEqual([LINE, LINE.repeat(3)]);
    expect(readdirSync(folder)).toEqual(['.open', 'model=m', 'seals']);
    void log.onApplicationShutdown();
    expect(readdirSync(join(folder, '.open'))).toEqual([]);
  });

  it('goes on in another file, with the numbers of a deleted one', () => {
    const { log, folder } = openLog();
    const model = log.of('m');
    void model.append(model.take(), Buffer.from(LINE.repeat(2)), 2, digestsOf(LINE.repeat(2)));
    const file = model.take();
    rmSync(join(folder, 'model=m'), { recursive: true });
    void model.append(file, Buffer.from(LINE), 1, digestsOf(LINE));

    expect(model.take().lines).toBe(3);
    expect(contents(folder)).toEqual([LINE]);
  });

  it('leaves its files, and goes on in others, when another took it for dead', () => {
    const { log, folder } = openLog();
    append(log, 'm', LINE, 1);
    rmSync(join(folder, '.open'), { recursive: true });
    append(log, 'm', LINE, 1, new Date(Date.now() + 31_000).toISOString());

    expect(contents(folder)).toEqual([LINE, LINE]);
    expect(new Set(recordFiles(folder).map((path) => /[0-9a-f]{16}/.exec(path)?.[0])).size).toBe(2);
  });

  it('tells of a disk that stood still', () => {
    const { log, told, counted } = openLog();
    append(log, 'm', LINE, 1);
    expect(counted.stalls).toBe(0);
    const { writeSync } = fs;
    const { performance } = globalThis;
    const now = performance.now.bind(performance);
    fs.writeSync = ((...parameters: Parameters<typeof writeSync>) => {
      vi.spyOn(performance, 'now').mockImplementation(() => now() + 5_000);
      return writeSync(...parameters);
    }) as typeof writeSync;
    syncBuiltinESMExports();
    append(log, 'm', LINE, 1);
    fs.writeSync = writeSync;
    syncBuiltinESMExports();
    vi.restoreAllMocks();

    expect(told).toEqual(['the disk of the prediction log stood still, and every route with it']);
    expect(Math.floor(counted.stalls)).toBe(5);
  });

  it('is refused alone when its own folder cannot be written to, until it can', async () => {
    const { log, folder, told, counted } = openLog();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'model=a'), 'in its place');
    refuses(log, 'a');
    append(log, 'b', LINE, 1);

    expect([log.isWritable, log.of('a').isOut, log.of('b').isOut]).toEqual([true, true, false]);
    expect(log.refused).toEqual(['a']);
    expect(told).toEqual([expect.stringContaining('records of a model cannot be written')]);
    expect(counted.failures).toBe(1);
    rmSync(join(folder, 'model=a'));
    await resumes(log, 'a');
    append(log, 'a', LINE, 1);
    expect(contents(folder)).toEqual([LINE, LINE]);
    expect(log.refused).toEqual([]);
  });
});

describe.skipIf(!MAY_MOUNT)('a nearly full disk (skipped where mounting a tmpfs is not permitted)', () => {
  it('refuses the call that does not fit, and takes smaller ones', () => {
    const disk = smallDisk();
    const { log, counted } = openLog({ PREDICTION_LOG_DIR: disk });
    append(log, 'm', LINE, 1);
    takeSpace(disk);
    rmSync(join(disk, 'ballast-Infinity'));
    takeSpace(disk, 400_000);
    for (let round = 0; round < 5; round++) {
      refuses(log, 'm', LINE.repeat(2_000));
      append(log, 'm', LINE, 1);
      append(log, 'n', LINE, 1);
    }

    expect([log.isWritable, log.of('m').isOut]).toEqual([true, false]);
    expect(contents(disk)).toEqual([LINE.repeat(6), LINE.repeat(5)]);
    expect(counted).toMatchObject({ records: 11, failures: 5 });
  });
});

describe.skipIf(process.platform !== 'linux')('without descriptors (skipped without prlimit)', () => {
  it('what has a file goes on, what needs one more gets the spare, and the next fails alone', () => {
    const { log, folder, told } = openLog();
    append(log, 'a', LINE, 1);
    const before = /open files +(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))![1]!;
    const most = readdirSync('/proc/self/fd').length + 20;
    spawnSync('prlimit', [`--pid=${process.pid}`, `--nofile=${most}:`]);
    const taken: number[] = [];
    try {
      for (;;) taken.push(openSync('/dev/null', 'r'));
    } catch {
      append(log, 'a', LINE, 1);
      append(log, 'b', LINE, 1);
      refuses(log, 'c');
      append(log, 'a', LINE, 1);
    }
    closeSync(taken.pop()!);
    closeSync(taken.pop()!);
    append(log, 'c', LINE, 1);
    for (const fd of taken) closeSync(fd);
    spawnSync('prlimit', [`--pid=${process.pid}`, `--nofile=${before}:`]);

    expect(contents(folder)).toEqual([LINE.repeat(3), LINE, LINE]);
    expect(log.refused).toEqual([]);
    expect(told).toEqual([expect.stringContaining('a call could not be recorded')]);
  });
});
