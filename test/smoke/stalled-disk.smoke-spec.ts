import { setTimeout as after } from 'node:timers/promises';
import { verifyTree } from '../../src/journal/verify.js';
import { metric } from '../support/metrics.js';
import { readRecords } from '../support/records.js';
import { type Server, startServer } from '../support/server.js';
import { HAS_CC, StallingDisk } from '../support/stalling-disk.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const OTHERS = [
  '/health/live',
  '/metrics',
  '/models',
  '/docs',
  '/openapi.json',
  '/models/turnover/versions/1/card',
];
/** Set STALL_MS for a longer stall: it takes until the server is not called ready any more otherwise. */
const STALL_MS = Number(process.env['STALL_MS'] ?? 0);
const CALLERS = 16;

const predict = async (server: Server): Promise<{ status: number; id: string }> => {
  const reply = await server.post('/predict', TURNOVER_ROW);
  await reply.text();
  return { status: reply.status, id: reply.headers.get('x-prediction-id') ?? 'none' };
};
const readiness = async (server: Server): Promise<number> =>
  (await fetch(`${server.url}/health/ready`)).status;

describe.skipIf(!HAS_CC)('a disk that stands still at durability written (skipped without cc)', () => {
  it('holds up every route, which is told', async () => {
    const disk = new StallingDisk();
    const server = await startServer(disk.environment);
    await predict(server);
    disk.stall();
    const prediction = predict(server);
    await after(300);
    let isAnswered = false;
    const live = fetch(`${server.url}/health/live`).finally(() => (isAnswered = true));
    await after(700);
    expect(isAnswered).toBe(false);
    disk.goOn();

    expect([(await prediction).status, (await live).status]).toEqual([200, 200]);
    await server.untilStdout(/the disk of the prediction log stood still, and every route with it/);
  });
});

describe.skipIf(!HAS_CC)('a disk that stands still at durability synced (skipped without cc)', () => {
  it('holds up predictions alone, refuses further ones after a while, and loses none', async () => {
    const disk = new StallingDisk();
    const server = await startServer({ ...disk.environment, PREDICTION_LOG_DURABILITY: 'synced' });
    const ids = [(await predict(server)).id];
    disk.stall();
    const begun = performance.now();
    let answered = 0;
    const waiting = Array.from({ length: CALLERS }, () => predict(server).finally(() => answered++));
    // Another model: its file must be opened first.
    const other = server.post('/models/iris/predict', {
      sepal_length: 5.1,
      sepal_width: 3.5,
      petal_length: 1.4,
      petal_width: 0.2,
    });
    // All of these are answered while the disk stands still, or this never ends.
    do {
      for (const path of OTHERS) {
        const reply = await fetch(server.url + path);
        await reply.text();
        expect([path, reply.status]).toEqual([path, 200]);
      }
      await after(20);
    } while (performance.now() - begun < STALL_MS || (await readiness(server)) === 200);
    expect(answered).toBe(0);
    expect((await predict(server)).status).toBe(503);
    disk.goOn();
    const replies = await Promise.all(waiting);
    ids.push(...replies.map(({ id }) => id));

    expect(replies.map(({ status }) => status)).toEqual(Array(CALLERS).fill(200));
    expect((await other).status).toBe(200);
    expect(await readiness(server)).toBe(200);
    ids.push((await predict(server)).id);
    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(metric(text, 'nestor_prediction_log_stall_seconds_total')).toBeGreaterThan(5);
    expect(await server.stop()).toMatchObject({ code: 0 });
    expect(server.stdout).toContain(
      'the disk of the prediction log stood still, and predictions waited for it',
    );
    const recorded = readRecords(disk.folder).filter(({ model }) => model === 'turnover');
    expect(recorded.map(({ prediction_id }) => prediction_id).toSorted()).toEqual(ids.toSorted());
    expect(await verifyTree(disk.folder)).toMatchObject({ torn: 0, duplicates: 0, records: ids.length + 1 });
  });

  it('is waited for by a stop, which cuts no call that has been accepted', async () => {
    const disk = new StallingDisk();
    const server = await startServer({ ...disk.environment, PREDICTION_LOG_DURABILITY: 'synced' });
    await predict(server);
    disk.stall();
    const waiting = Array.from({ length: CALLERS }, () => predict(server));
    await after(200);
    const ended = server.stop();
    await after(2_000);
    disk.goOn();

    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array(CALLERS).fill(200));
    expect(await ended).toMatchObject({ code: 0, signal: null });
    expect(await verifyTree(disk.folder)).toMatchObject({ torn: 0, records: CALLERS + 1 });
  });
});
