import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { watchFileCalls } from '../../test/support/file-calls.js';
import { failCall } from '../../test/support/failing-call.js';
import { holdSyncs } from '../../test/support/held-syncs.js';
import { appendSynced as append, digestsOf, openLog } from '../../test/support/open-log.js';
import { recordFiles } from '../../test/support/records.js';
import { PredictionLogUnavailable } from '../errors/errors.js';
import { SyncedLog } from './synced-log.js';

const line = (id: number | string): string =>
  `${JSON.stringify({ prediction_id: id, pad: 'p'.repeat(200) })}\n`;
const open = (overrides = {}): ReturnType<typeof openLog> =>
  openLog({ PREDICTION_LOG_DURABILITY: 'synced', ...overrides });
const contents = (folder: string): string[] => recordFiles(folder).map((path) => readFileSync(path, 'utf8'));

describe(SyncedLog.name, () => {
  it('has recorded lines when they are on the disk, and all that come meanwhile share the next sync', async () => {
    const { log, folder, counted } = open();
    const held = await holdSyncs();
    const settled: number[] = [];
    const appended = Array.from({ length: 10 }, async (_, id) => {
      // The first is on its way when the others come.
      if (id > 0) await held.waits();
      await append(log, 'm', line(id));
      settled.push(id);
    });
    await held.waits();
    // Whatever could be settled would be by the end of a few turns.
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    expect(settled).toEqual([]);
    expect(counted).toMatchObject({ records: 0, syncs: 0 });
    held.release();
    await Promise.all(appended);

    expect(settled).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(contents(folder)).toEqual([settled.map(line).join('')]);
    expect(counted).toMatchObject({ records: 10, syncs: 2, failures: 0 });
  });

  it('numbers lines on while those before them wait', async () => {
    const { log } = open();
    const model = log.of('m');
    const held = await holdSyncs();
    const first = model.take();
    const appended = model.append(first, Buffer.from(line(1) + line(2)), 2, digestsOf(line(1) + line(2)));
    expect(model.take()).toBe(first);
    expect(first.lines).toBe(2);
    expect(model.take()).not.toBe(first);
    held.release();
    await appended;
  });

  it('has the file, its mark and the folders of both on the disk before the first lines are', async () => {
    const { log, folder } = open();
    // Else it is made meanwhile, and the folder above it synced.
    mkdirSync(join(folder, 'seals'), { recursive: true });
    await log.open();
    const synced: string[] = [];
    const end = await watchFileCalls(({ name, fd }) => {
      if (name.endsWith('sync')) synced.push(relative(folder, readlinkSync(`/proc/self/fd/${fd}`)));
    });
    await append(log, 'm', line(1));
    end();
    const file = relative(folder, recordFiles(folder)[0]!);
    const [, model, day, stem] = /^(model=m)\/(date=([\d-]+))\/(.*)\.ndjson$/.exec(file)!.slice(0, 5) as [
      string,
      string,
      string,
      string,
    ] & { 3: string };
    const writer = readdirSync(join(folder, '.open')).filter((name) => name !== 'scanned');

    expect(writer).toHaveLength(1);
    const records = synced.filter((name) => !name.startsWith('seals'));
    expect(records.slice(0, 2)).toEqual([
      expect.stringMatching(new RegExp(`^\\.open/${writer[0]}/m,${stem}`)),
      `.open/${writer[0]}`,
    ]);
    expect(new Set(records.slice(2, -1))).toEqual(new Set(['', model, `${model}/${day}`, file]));
    // The head of the file.
    expect(synced.at(-2)).toMatch(/^seals\/.*\.jsonl$/);
    expect(synced.at(-1)).toBe(file);
  });

  it('does nothing of the record tree on the event loop, once it is open', async () => {
    const { log, folder } = open({ PREDICTION_LOG_FILE_BYTES: '4096' });
    await log.open();
    const failed = failCall(1, 'EIO');
    for (let id = 0; id < 100; id++) await append(log, 'm', line(id));
    failed.end();

    expect(failed.name).toBeUndefined();
    expect(recordFiles(folder).length).toBeGreaterThan(4);
    // It would have been seen.
    const seen = failCall(1, 'EIO');
    expect(() => mkdirSync(join(folder, 'other'))).toThrow('made up');
    seen.end();
  });

  it('begins a new file at the size that is set, and closes the one before', async () => {
    const { log, folder } = open({ PREDICTION_LOG_FILE_BYTES: '4096' });
    for (let id = 0; id < 40; id++) await append(log, 'm', line(id).padStart(1_024, ' '));

    expect(contents(folder).map((text) => text.split('\n').length - 1)).toEqual(Array(10).fill(4));
    await log.onApplicationShutdown();
    expect(readdirSync(join(folder, '.open'))).toEqual([]);
  });

  it('goes on in another file, with the numbers of a deleted one', async () => {
    const { log, folder } = open();
    await append(log, 'm', line(1) + line(2), 2);
    rmSync(join(folder, 'model=m'), { recursive: true });
    await append(log, 'm', line(3));

    expect(log.of('m').take().lines).toBe(3);
    expect(contents(folder)).toEqual([line(3)]);
  });

  it('leaves its files, and goes on in others, when another took it for dead', async () => {
    const { log, folder } = open();
    await append(log, 'm', line(1));
    rmSync(join(folder, '.open'), { recursive: true });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 });
    await append(log, 'm', line(2));
    vi.useRealTimers();

    expect(contents(folder).toSorted()).toEqual([line(1), line(2)]);
    expect(new Set(recordFiles(folder).map((path) => /[0-9a-f]{16}/.exec(path)?.[0])).size).toBe(2);
  });

  it('is refused alone when its own folder cannot be written to, until it can', async () => {
    const { log, folder, told } = open();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'model=a'), 'in its place');
    await expect(append(log, 'a', line(1))).rejects.toThrow(PredictionLogUnavailable);
    await append(log, 'b', line(2));

    expect([log.isWritable, log.failure, log.refused]).toEqual([true, undefined, ['a']]);
    expect(told).toEqual([expect.stringContaining('records of a model cannot be written')]);
    rmSync(join(folder, 'model=a'));
    await vi.waitFor(() => expect(log.of('a').isWritable).toBe(true), 5_000);
    await append(log, 'a', line(3));
    expect(contents(folder)).toEqual([line(3), line(2)]);
  });

  it('refuses further calls while the disk stands still, and those that waited are recorded', async () => {
    const { log, folder, told, counted } = open();
    const held = await holdSyncs();
    const appended = append(log, 'm', line(1));
    await held.waits();
    const now = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => now() + 5_001);
    expect([log.isWritable, log.reason, log.refused]).toEqual([false, 'the disk stands still', []]);
    await expect(append(log, 'm', line(2))).rejects.toThrow(PredictionLogUnavailable);
    held.release();
    await appended;
    await append(log, 'm', line(3));
    vi.restoreAllMocks();

    expect([log.isWritable, log.reason]).toEqual([true, undefined]);
    expect(contents(folder)).toEqual([line(1) + line(3)]);
    expect(told).toEqual([
      'the disk of the prediction log stands still: predictions are refused until it goes on',
      'the disk of the prediction log stood still, and predictions waited for it',
    ]);
    expect(Math.floor(counted.stalls)).toBe(5);
  });

  it('ends when what waits is on the disk', async () => {
    const { log, folder } = open();
    const held = await holdSyncs();
    const appended = append(log, 'm', line(1));
    await held.waits();
    const order: string[] = [];
    const ended = Promise.resolve(log.onApplicationShutdown()).then(() => order.push('ended'));
    held.release();
    await appended.then(() => order.push('recorded'));
    await ended;

    expect(order).toEqual(['recorded', 'ended']);
    expect(contents(folder)).toEqual([line(1)]);
    expect(readdirSync(join(folder, '.open'))).toEqual([]);
  });
});
