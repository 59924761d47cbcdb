import { createTestApp } from '../support/create-app.js';
import { watchFileCalls } from '../support/file-calls.js';
import { holdSyncs } from '../support/held-syncs.js';
import { metric } from '../support/metrics.js';
import { problem } from '../support/shapes.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const ROUTE = '/models/turnover/predict';
const OTHERS = ['/health/live', '/health/ready', '/metrics', '/models', '/docs', '/openapi.json'];
const SYNCED = { PREDICTION_LOG_DURABILITY: 'synced' };
const FAILED = {
  status: 'down',
  durability: 'synced',
  reason: 'EIO: i/o error, fdatasync; restart this server',
};

describe('durability "synced"', () => {
  it('answers what is recorded, each once, and has closed its files when it is closed', async () => {
    const app = await createTestApp(SYNCED);
    const instances = Array.from({ length: 300 }, () => TURNOVER_ROW);
    const many = Array.from({ length: 5 }, () => app.post('/v1/models/turnover:predict', { instances }));
    const single = Array.from({ length: 100 }, () => app.post(ROUTE, TURNOVER_ROW));
    const replies = await Promise.all([...many, ...single]);
    await app.close();

    const answered = replies.flatMap(({ body }) => {
      const { predictions, prediction_id } = body as {
        predictions?: { prediction_id: string }[];
        prediction_id: string;
      };
      return predictions?.map((each) => each.prediction_id) ?? [prediction_id];
    });
    expect(answered).toHaveLength(1_600);
    expect(
      app
        .records()
        .map(({ prediction_id }) => prediction_id)
        .toSorted(),
    ).toEqual(answered.toSorted());
  });

  it('is told by readiness', async () => {
    const app = await createTestApp(SYNCED);

    expect((await app.get('/health/ready')).body).toMatchObject({
      info: { prediction_log: { status: 'up', durability: 'synced' } },
    });
  });

  it('answers everything else while predictions wait for the disk', async () => {
    const app = await createTestApp(SYNCED);
    await app.post(ROUTE, TURNOVER_ROW);
    const held = await holdSyncs();
    let answered = 0;
    const predictions = Array.from({ length: 20 }, () =>
      app.post(ROUTE, TURNOVER_ROW).then((reply) => {
        answered++;
        return reply.status;
      }),
    );
    await held.waits();
    for (const path of OTHERS) expect([path, (await app.get(path)).status]).toEqual([path, 200]);
    expect(answered).toBe(0);
    held.release();

    expect(await Promise.all(predictions)).toEqual(Array(20).fill(200));
    const { text } = await app.get('/metrics');
    expect(metric(text, 'nestor_prediction_log_sync_seconds_count')).toBeGreaterThan(1);
    expect(metric(text, 'nestor_prediction_log_stall_seconds_total')).toBe(0);
  });

  it('ends predictions for good when a sync fails, and says so everywhere', async () => {
    const app = await createTestApp(SYNCED);
    await app.post(ROUTE, TURNOVER_ROW);
    let isOver = false;
    const end = await watchFileCalls(({ name }) => {
      if (isOver || name !== 'handle.datasync') return;
      isOver = true;
      throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO', syscall: 'fdatasync' });
    });
    const replies = await Promise.all(Array.from({ length: 5 }, () => app.post(ROUTE, TURNOVER_ROW)));
    end();
    replies.push(await app.post(ROUTE, TURNOVER_ROW), await app.post('/models/iris/predict', {}));

    for (const { status, body, headers } of replies.slice(0, -1)) {
      expect(status).toBe(503);
      expect(body).toEqual(problem('prediction_log_failed', 503));
      expect(headers['retry-after']).toBeUndefined();
    }
    expect(replies.at(-1)!.status).toBe(400);
    for (const path of ['/health/live', '/health/ready']) {
      expect(await app.get(path)).toMatchObject({
        status: 503,
        body: { status: 'error', error: { prediction_log: FAILED } },
      });
    }
    expect((await app.get('/models/turnover/ready')).status).toBe(503);
    const { text } = await app.get('/metrics');
    expect(metric(text, 'nestor_prediction_log_writable')).toBe(0);
    expect(metric(text, 'nestor_prediction_log_failures_total')).toBe(1);
    expect(app.records()).toHaveLength(1);
  });
});
