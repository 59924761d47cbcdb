import { readFileSync } from 'node:fs';
import { watchFileCalls } from '../../test/support/file-calls.js';
import { holdSyncs } from '../../test/support/held-syncs.js';
import { appendSynced as append, openLog } from '../../test/support/open-log.js';
import { recordFiles } from '../../test/support/records.js';
import { PredictionLogFailed } from '../errors/errors.js';
import { StartupFault } from '../errors/startup-fault.js';

const line = (id: number): string => `${JSON.stringify({ prediction_id: id })}\n`;
const open = (): ReturnType<typeof openLog> => openLog({ PREDICTION_LOG_DURABILITY: 'synced' });
const contents = (folder: string): string[] => recordFiles(folder).map((path) => readFileSync(path, 'utf8'));
const failure = (code: string, syscall: string): Error =>
  Object.assign(new Error(`${code}: i/o error, ${syscall}`), { code, syscall });

/** Has the next call of that name fail. @returns a function that ends it. */
function failNext(name: string, error: Error): Promise<() => void> {
  let isOver = false;
  return watchFileCalls((call) => {
    if (isOver || call.name !== name) return;
    isOver = true;
    throw error;
  });
}

describe('a sync that fails', () => {
  it.each(['EIO', 'ENOSPC', 'EDQUOT'])('ends the predictions of this process for good: %s', async (code) => {
    const { log, folder, told, counted } = open();
    await append(log, 'm', line(1));
    const end = await failNext('handle.datasync', failure(code, 'fdatasync'));
    await expect(append(log, 'm', line(2))).rejects.toThrow(PredictionLogFailed);
    end();
    vi.useFakeTimers();
    await vi.advanceTimersByTimeAsync(600_000);
    vi.useRealTimers();

    expect([log.isWritable, log.of('m').isWritable, log.of('n').isWritable]).toEqual([false, false, false]);
    expect(log.reason).toBe(`${code}: i/o error, fdatasync; restart this server`);
    await expect(append(log, 'm', line(3))).rejects.toThrow(PredictionLogFailed);
    await expect(append(log, 'n', line(4))).rejects.toThrow(PredictionLogFailed);
    expect(contents(folder)).toEqual([line(1)]);
    expect(counted).toMatchObject({ records: 1, failures: 1 });
    expect(told).toEqual([
      'records could not be synced to the disk: predictions are refused until this server is restarted',
    ]);
  });

  it('gives an error to all that waited, whichever file they waited for', async () => {
    const { log, folder } = open();
    await append(log, 'm', line(1));
    await append(log, 'n', line(2));
    const held = await holdSyncs();
    const calls = [append(log, 'm', line(3))];
    await held.waits();
    calls.push(append(log, 'm', line(4)), append(log, 'n', line(5)));
    await vi.waitFor(() => expect(held.count).toBe(2));
    held.fail(failure('EIO', 'fdatasync'));
    const outcomes = await Promise.allSettled(calls);

    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(contents(folder)).toEqual([line(1), line(2)]);
  });

  it('is one of the file, of its mark and of their folders just as well', async () => {
    const { log, folder } = open();
    const end = await failNext('handle.sync', failure('EIO', 'fsync'));
    await expect(append(log, 'm', line(1))).rejects.toThrow(PredictionLogFailed);
    end();

    expect(log.failure).toBe('EIO: i/o error, fsync');
    expect(contents(folder)).toEqual([]);
  });

  it('stops the start, where the folder knows no syncing', async () => {
    const { log } = open();
    const end = await failNext('handle.sync', failure('EINVAL', 'fsync'));
    const fault = await log.open().catch((error: unknown) => error);
    end();

    expect(fault).toBeInstanceOf(StartupFault);
    expect((fault as Error).message).toMatch(
      /PREDICTION_LOG_DURABILITY is synced, and PREDICTION_LOG_DIR \(.*\) cannot be synced: EINVAL[^]*set PREDICTION_LOG_DURABILITY to written/,
    );
  });

  it('is a full disk at the start: a passing state', async () => {
    const { log } = open();
    const end = await failNext('handle.sync', failure('ENOSPC', 'fsync'));
    await log.open();
    end();

    expect([log.isWritable, log.failure]).toEqual([false, undefined]);
    await vi.waitFor(() => expect(log.isWritable).toBe(true), 5_000);
    await append(log, 'm', line(1));
  });
});
