import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { vi } from 'vitest';
import { append, digestsOf, openLog } from '../../test/support/open-log.js';
import { recordFiles } from '../../test/support/records.js';
import { PredictionLog } from './prediction-log.js';

const LINE = `${JSON.stringify({ prediction_id: 'x', model: 'm', pad: 'p'.repeat(1_000) })}\n`;
/** Set ROTATION_LINES for more of them. */
const LINES = Number(process.env['ROTATION_LINES'] ?? 20_000);
const names = (folder: string): string[] => recordFiles(folder).map((path) => relative(folder, path));

describe(PredictionLog.name, () => {
  it('has every line in the file when append returns', () => {
    const { log, folder, counted } = openLog();
    append(log, 'm', LINE + LINE, 2, '2026-01-02T03:04:05Z');

    expect(names(folder)).toEqual([
      expect.stringMatching(/^model=m\/date=2026-01-02\/[\w.-]+-\d+-[0-9a-f]{16}-1\.ndjson$/),
    ]);
    expect(readFileSync(recordFiles(folder)[0]!, 'utf8')).toBe(LINE + LINE);
    expect(counted).toEqual({ records: 2, bytes: 2 * LINE.length, failures: 0, stalls: 0, syncs: 0 });
  });

  it('begins a new file at the size that is set, and cuts no line', () => {
    const { log, folder } = openLog({ PREDICTION_LOG_FILE_BYTES: '4096' });
    for (let line = 0; line < 12; line++) append(log, 'm', LINE, 1, '2026-01-02T00:00:00Z');

    const files = recordFiles(folder).map((path) => readFileSync(path, 'utf8'));
    expect(files).toEqual([LINE.repeat(4), LINE.repeat(4), LINE.repeat(4)]);
    expect(names(folder).map((name) => /-(\d+)\.ndjson$/.exec(name)?.[1])).toEqual(['1', '2', '3']);
  });

  it(`has each of ${LINES} lines once, numbered in its file, however many files there are`, () => {
    const { log, folder } = openLog({ PREDICTION_LOG_FILE_BYTES: '20000' });
    const model = log.of('m');
    for (let id = 0; id < LINES; id++) {
      const file = model.take();
      const line = `{"prediction_id":"${id}","seq":${file.lines + 1}}\n`;
      void model.append(file, Buffer.from(line), 1, digestsOf(line));
    }
    void log.onApplicationShutdown();

    const ids = recordFiles(folder).flatMap((path) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line, index) => {
          const { prediction_id, seq } = JSON.parse(line) as { prediction_id: string; seq: number };
          return seq === index + 1 ? Number(prediction_id) : -1;
        }),
    );
    expect(ids.toSorted((a, b) => a - b).every((id, index) => id === index)).toBe(true);
    expect(ids).toHaveLength(LINES);
  });

  it('begins a new folder at midnight UTC', () => {
    const { log, folder } = openLog();
    append(log, 'm', LINE, 1, '2026-01-02T23:59:59.999Z');
    append(log, 'm', LINE, 1, '2026-01-03T00:00:00.000Z');

    expect(names(folder).map((name) => name.split('/')[1])).toEqual(['date=2026-01-02', 'date=2026-01-03']);
  });

  it('keeps models apart', () => {
    const { log, folder } = openLog();
    append(log, 'a', LINE, 1);
    append(log, 'b', LINE, 1);

    expect(names(folder).map((name) => name.split('/')[0])).toEqual(['model=a', 'model=b']);
  });

  it.each([10, 70_000, 700_000])('writes lines of %i characters of any language whole', (length) => {
    const { log, folder } = openLog();
    const line = `${JSON.stringify({ text: '数🎈é'.repeat(length / 4) })}\n`;
    append(log, 'm', line + LINE, 2);
    append(log, 'm', LINE, 1);

    expect(readFileSync(recordFiles(folder)[0]!, 'utf8')).toBe(line + LINE + LINE);
  });
});

describe('at durability "buffered"', () => {
  beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-01-02T00:00:00Z') }));
  afterEach(() => void vi.useRealTimers());

  it('lines follow within 100 ms', () => {
    const { log, folder } = openLog({ PREDICTION_LOG_DURABILITY: 'buffered' });
    append(log, 'm', LINE, 1);
    expect(readFileSync(recordFiles(folder)[0]!, 'utf8')).toBe('');
    vi.advanceTimersByTime(100);

    expect(readFileSync(recordFiles(folder)[0]!, 'utf8')).toBe(LINE);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('lines follow at once when there are many', () => {
    const { log, folder } = openLog({ PREDICTION_LOG_DURABILITY: 'buffered' });
    for (let line = 0; line < 300; line++) append(log, 'm', LINE, 1);

    expect(readFileSync(recordFiles(folder)[0]!, 'utf8').length).toBeGreaterThan(262_143);
  });

  it('lines are written when the log is closed', () => {
    const { log, folder } = openLog({ PREDICTION_LOG_DURABILITY: 'buffered' });
    append(log, 'm', LINE, 1);
    void log.onApplicationShutdown();

    expect(readFileSync(recordFiles(folder)[0]!, 'utf8')).toBe(LINE);
    expect(vi.getTimerCount()).toBe(0);
  });
});
