import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARTIFACTS } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';
import { copyWithWork, workOf } from '../support/graphs.js';
import { metric } from '../support/metrics.js';
import { askBy, DOORS } from '../support/prediction-doors.js';
import { problem } from '../support/shapes.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const HEADER = 'x-request-timeout-ms';
const TOO_LATE = problem('deadline_exceeded', 504, {
  detail: expect.stringContaining('allow more time'),
});
const TIMES =
  /^queue;dur=(\d+\.\d{3}), run;dur=(\d+\.\d{3}), record;dur=(\d+\.\d{3}), total;dur=(\d+\.\d{3})$/;

const root = temporaryFolder();
cpSync(ARTIFACTS, root, { recursive: true });
// Its runs are on the event loop, and no two calls share one.
for (const version of ['3', '4']) copyWithWork('busy', [20], { root, name: 'busy', version });
copyWithWork('busy', [60, 60], { root, name: 'busy', version: '1' });
writeFileSync(join(root, 'busy', 'aliases.json'), '{"champion":"4"}');
const app = await createTestApp({ ARTIFACTS_DIR: root, INFERENCE_BUDGET_MS: '60000' });
const ask = (work: number, timeout = '30000') =>
  app.post('/models/busy/predict', workOf(work), { [HEADER]: timeout });

describe.each(DOORS)('%s %s', (...door) => {
  it('says what a prediction took', async () => {
    const { status, headers } = await askBy(app, door, { [HEADER]: '30000' });
    const [, ...times] = TIMES.exec(String(headers['server-timing'])) ?? [];
    const [queue, run, record, total] = times.map(Number) as [number, number, number, number];

    expect(status).toBe(200);
    expect(run).toBeGreaterThan(0);
    expect(queue + run + record).toBeLessThanOrEqual(total + 0.002);
  });

  it.each(['0', '-5', '1.5', 'soon', '10, 20'])('refuses to wait for "%s"', async (timeout) => {
    const reply = await askBy(app, door, { [HEADER]: timeout });

    expect([reply.status, reply.body]).toEqual([
      400,
      problem('bad_request', 400, { detail: expect.stringContaining(HEADER) }),
    ]);
  });
});

describe('a call whose deadline passes', () => {
  it('while it waits for its run is told so, and nothing of it is recorded', async () => {
    const before = app.records().length;
    const [first, second] = await Promise.all([ask(1_000), ask(1, '500')]);

    expect(first.status).toBe(200);
    expect([second.status, second.body]).toEqual([504, TOO_LATE]);
    expect(second.headers).not.toHaveProperty('server-timing');
    expect(app.records()).toHaveLength(before + 1);
  });

  it('between its runs has no more of them', async () => {
    const before = app.records().length;
    const instances = Array.from({ length: 100 }, () => workOf(20));
    const started = performance.now();
    const reply = await app.post('/v1/models/busy:predict', { instances }, { [HEADER]: '200' });

    expect([reply.status, reply.body]).toEqual([504, TOO_LATE]);
    expect(performance.now() - started).toBeLessThan(1_500);
    expect(app.records()).toHaveLength(before);
    const { text } = await app.get('/metrics');
    expect(metric(text, 'nestor_predictions_total', { model: 'busy', version: '4', outcome: 'error' })).toBe(
      0,
    );
  });

  it('while its version is being opened does not wait for that, and the next one does', async () => {
    const url = '/models/busy/versions/1/predict';
    const reply = await app.post(url, workOf(1), { [HEADER]: '30' });
    expect([reply.status, reply.body]).toEqual([504, TOO_LATE]);

    expect((await app.post(url, workOf(1))).status).toBe(200);
  });

  it('is refused at once where more waits than is done until then', async () => {
    const others = Array.from({ length: 4 }, () => ask(20));
    const reply = await ask(20, '60');

    expect(reply.status).toBe(503);
    expect(reply.body).toEqual(problem('overloaded', 503));
    expect(reply.headers['retry-after']).toMatch(/^[1-9]\d?$/);
    const [first] = await Promise.all(others);
    expect(first!.status).toBe(200);
  });
});

it('REQUEST_TIMEOUT_MS bounds what callers may ask for', async () => {
  const { root: ARTIFACTS_DIR } = copyWithWork('busy', [20]);
  const impatient = await createTestApp({
    ARTIFACTS_DIR,
    INFERENCE_BUDGET_MS: '60000',
    REQUEST_TIMEOUT_MS: '1',
  });
  const instances = [workOf(20), workOf(20)];
  const reply = await impatient.post('/v1/models/busy:predict', { instances }, { [HEADER]: '30000' });

  expect([reply.status, reply.body]).toEqual([504, TOO_LATE]);
});
