import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { vi } from 'vitest';
import { append as appendTo, openLog } from '../../test/support/open-log.js';
import { recordFiles } from '../../test/support/records.js';
import { PredictionLogUnavailable } from '../errors/errors.js';
import type { PredictionLog } from './prediction-log.js';

const line = (id: number): string => `${JSON.stringify({ prediction_id: id, pad: 'p'.repeat(999) })}\n`;
const append = (log: PredictionLog, id: number): void => appendTo(log, 'm', line(id), 1);
const contents = (folder: string): string[] => recordFiles(folder).map((path) => readFileSync(path, 'utf8'));
const resumes = (log: PredictionLog): Promise<void> =>
  vi.waitFor(() => expect(log.of('m').isWritable).toBe(true));

/** Limits the size of every file that this process writes. @returns whether that worked. */
const limitFiles = (bytes: number | 'unlimited'): boolean =>
  spawnSync('prlimit', [`--pid=${process.pid}`, `--fsize=${bytes}:`]).status === 0;

/** Takes an open file away from its owner, as a lost volume does. @returns the number of its descriptor. */
function lose(path: string): number {
  const fd = readdirSync('/proc/self/fd')
    .map(Number)
    .find((fd) => linkOf(fd) === path)!;
  closeSync(fd);
  return fd;
}

function linkOf(fd: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
}

describe.skipIf(process.platform !== 'linux')('an open file that is lost (skipped without /proc)', () => {
  it.each([
    ['nothing can be asked of it', () => undefined],
    ['it can be asked, but not written', (path: string) => openSync(path, 'r')],
  ])('is given up: %s', async (_, putInItsPlace) => {
    const { log, folder, told, counted } = openLog();
    append(log, 1);
    const [path] = recordFiles(folder);
    const fd = lose(path!);
    expect(putInItsPlace(path!) ?? fd).toBe(fd);
    expect(() => append(log, 2)).toThrow(PredictionLogUnavailable);
    await resumes(log);
    for (const id of [3, 4]) append(log, id);

    expect(contents(folder)).toEqual([line(1), line(3) + line(4)]);
    expect(told).toHaveLength(2);
    expect(counted).toMatchObject({ records: 3, failures: 1 });
  });

  it('is closed once: its number may be that of another file by then', async () => {
    const { log, folder } = openLog();
    append(log, 1);
    lose(recordFiles(folder)[0]!);
    expect(() => append(log, 2)).toThrow(PredictionLogUnavailable);
    const other = openSync('/dev/null', 'r');
    await resumes(log);
    append(log, 3);
    void log.onApplicationShutdown();

    expect(linkOf(other)).toBe('/dev/null');
    closeSync(other);
  });
});

describe.skipIf(!limitFiles('unlimited'))('a file that may not grow (skipped without prlimit)', () => {
  beforeEach(() => void limitFiles(100_000));
  afterEach(() => void limitFiles('unlimited'));

  it('ends with a whole line, and a new one is begun', async () => {
    const { log, folder, counted } = openLog();
    const written: number[] = [];
    for (let id = 0; id < 500; id++) {
      try {
        append(log, id);
        written.push(id);
      } catch {
        await resumes(log);
      }
    }

    expect(written.length).toBeGreaterThan(490);
    expect(contents(folder).join('')).toBe(written.map(line).join(''));
    for (const content of contents(folder)) expect(content).toMatch(/\}\n$/);
    expect(counted.failures).toBe(500 - written.length);
  });

  it('is not left behind empty', async () => {
    const { log, folder } = openLog();
    expect(() => appendTo(log, 'm', Buffer.alloc(200_000, line(1)), 1)).toThrow(PredictionLogUnavailable);
    await resumes(log);

    expect(recordFiles(folder)).toEqual([]);
  });
});
