import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { vi } from 'vitest';
import { newOwner } from '../../src/files/lock-owner.js';
import { createTestApp, type TestApp } from '../support/create-app.js';
import { metric } from '../support/metrics.js';
import { recordFiles } from '../support/records.js';
import { problem } from '../support/shapes.js';
import { MAY_MOUNT, smallDisk, takeSpace } from '../support/tmpfs.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;
const ROUTE = '/models/turnover/predict';
const writable = async (app: TestApp): Promise<number> =>
  metric((await app.get('/metrics')).text, 'nestor_prediction_log_writable');

/** Predicts until the disk refuses. @returns the ids that were answered. */
async function fillByPredictions(app: TestApp): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const replies = await Promise.all(Array.from({ length: 7 }, () => app.post(ROUTE, TURNOVER_ROW)));
    const answered = replies.filter(({ status }) => status === 200);
    ids.push(...answered.map(({ body }) => (body as { prediction_id: string }).prediction_id));
    if (replies.some(({ status }) => status === 503)) return ids;
    expect(answered).toHaveLength(replies.length);
  }
}

describe.skipIf(!MAY_MOUNT)('a full disk (skipped where mounting a tmpfs is not permitted)', () => {
  it.each(['written', 'written', 'synced', 'synced'])(
    'refuses what cannot be recorded, and resumes by itself: %s',
    async (durability) => {
      const disk = smallDisk();
      const giveBack = takeSpace(disk, 200_000);
      const app = await createTestApp({ PREDICTION_LOG_DIR: disk, PREDICTION_LOG_DURABILITY: durability });
      const answered = await fillByPredictions(app);

      const refused = await app.post('/predict', TURNOVER_ROW);
      expect(refused.status).toBe(503);
      expect(refused.headers['retry-after']).toBe('1');
      expect(refused.body).toEqual(problem('prediction_log_unavailable', 503));
      expect(await app.get('/health/ready')).toMatchObject({
        status: 503,
        body: { error: { prediction_log: { status: 'down' } } },
      });
      expect((await app.get('/health/live')).status).toBe(200);
      expect(await writable(app)).toBe(0);
      for (const path of recordFiles(disk)) expect(readFileSync(path, 'utf8')).toMatch(/\}\n$/);
      expect(app.records().map(({ prediction_id }) => prediction_id)).toEqual(answered);

      giveBack();
      await vi.waitFor(async () => expect((await app.get('/health/ready')).status).toBe(200), 5_000);
      const resumed = (await app.post(ROUTE, TURNOVER_ROW)).body as { prediction_id: string };
      expect(await writable(app)).toBe(1);
      expect(app.records().map(({ prediction_id }) => prediction_id)).toEqual([
        ...answered,
        resumed.prediction_id,
      ]);
      expect(
        metric((await app.get('/metrics')).text, 'nestor_prediction_log_failures_total'),
      ).toBeGreaterThan(0);
    },
  );

  it('costs no memory while it lasts', async () => {
    const disk = smallDisk();
    const app = await createTestApp({ PREDICTION_LOG_DIR: disk });
    await fillByPredictions(app);
    takeSpace(disk);
    const refuse = async (times: number): Promise<number> => {
      for (let round = 0; round < times; round++) {
        await Promise.all(Array.from({ length: 50 }, () => app.post(ROUTE, TURNOVER_ROW)));
      }
      collectGarbage();
      return process.memoryUsage().external + process.memoryUsage().heapUsed;
    };
    const held = [await refuse(40)];
    for (let window = 0; window < 3; window++) held.push(await refuse(60));
    const grown = held.slice(1).map((bytes, window) => bytes - held[window]!);

    // What is kept of refusals would be kept in each window; other tests of this process may have something freed or made.
    expect(Math.min(...grown)).toBeLessThan(4 * 2 ** 20);
    expect(app.records().length).toBeLessThan(2_000);
  });

  it('at the start is no reason to end: the server starts, is not ready, and resumes', async () => {
    const disk = smallDisk();
    const giveBack = takeSpace(disk);
    const app = await createTestApp({ PREDICTION_LOG_DIR: disk });
    expect((await app.post(ROUTE, TURNOVER_ROW)).status).toBe(503);
    giveBack();

    await vi.waitFor(async () => expect((await app.post(ROUTE, TURNOVER_ROW)).status).toBe(200), 5_000);
  });

  it('leaves a torn line at the start, which is moved aside when there is room', async () => {
    const disk = smallDisk();
    const path = join(disk, 'model=m', 'date=2026-01-02', 'h-1-0123456789abcdef-1.ndjson');
    const marks = join(disk, '.open', 'h-1-0123456789abcdef');
    for (const folder of [dirname(path), marks]) mkdirSync(folder, { recursive: true });
    writeFileSync(path, '{"prediction_id":"1"}\n{"pred');
    const { pid } = spawnSync('true');
    writeFileSync(join(marks, 'owner'), JSON.stringify({ ...newOwner(), pid }));
    writeFileSync(join(marks, 'm,2026-01-02,h-1-0123456789abcdef-1'), '');
    const giveBack = takeSpace(disk);
    await createTestApp({ PREDICTION_LOG_DIR: disk });
    expect(readFileSync(path, 'utf8')).toBe('{"prediction_id":"1"}\n{"pred');
    giveBack();

    await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toBe('{"prediction_id":"1"}\n'), 5_000);
    expect(readFileSync(`${path}.torn`, 'utf8')).toBe('{"pred');
  });
});
