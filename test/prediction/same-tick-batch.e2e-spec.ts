import { vi } from 'vitest';
import { ModelRunner } from '../../src/runners/model-runner.js';
import { createTestApp } from '../support/create-app.js';
import { metric } from '../support/metrics.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const app = await createTestApp();
const ROUTE = '/models/turnover/predict';

const runs = async (): Promise<{ runs: number; rows: number }> => {
  const { text } = await app.get('/metrics');
  return {
    runs: metric(text, 'nestor_inference_batch_rows_count', { model: 'turnover' }),
    rows: metric(text, 'nestor_inference_batch_rows_sum', { model: 'turnover' }),
  };
};

describe('requests that arrive together', () => {
  it('share runs of the model, and each gets its own answer', async () => {
    await app.post(ROUTE, TURNOVER_ROW);
    const before = await runs();
    const levels = Array.from({ length: 64 }, (_, index) => index / 64);
    const replies = await Promise.all(
      levels.map((satisfaction_level) => app.post(ROUTE, { ...TURNOVER_ROW, satisfaction_level })),
    );
    const after = await runs();
    expect(after.rows - before.rows).toBe(64);
    expect(after.runs - before.runs).toBeLessThanOrEqual(8);

    const records = new Map(app.records().map((record) => [record.prediction_id, record.inputs]));
    const ids = replies.map(({ body }) => (body as { prediction_id: string }).prediction_id);
    expect(ids.map((id) => records.get(id)?.['satisfaction_level'])).toEqual(levels);
  });

  it('do not fail for the bad input of one', async () => {
    const bodies = Array.from({ length: 30 }, (_, index) =>
      index % 3 === 0 ? { ...TURNOVER_ROW, salary: null } : TURNOVER_ROW,
    );
    const replies = await Promise.all(bodies.map((body) => app.post(ROUTE, body)));

    expect(replies.map(({ status }) => status)).toEqual(
      bodies.map(({ salary }) => (salary === null ? 400 : 200)),
    );
  });

  it('do not fail for a row that the model fails on', async () => {
    const faulty = 7;
    const { run: runAll } = ModelRunner.prototype;
    const run = vi.spyOn(ModelRunner.prototype, 'run').mockImplementation(function (
      this: ModelRunner,
      rows,
      times,
      deadline,
    ) {
      if (rows.some(({ number_project }) => number_project === faulty)) throw new RangeError('not finite');
      return runAll.call(this, rows, times, deadline);
    });
    const before = app.records().length;
    const projects = [2, 3, faulty, 4, 5];
    const replies = await Promise.all(
      projects.map((number_project) => app.post(ROUTE, { ...TURNOVER_ROW, number_project })),
    );

    expect(replies.map(({ status }) => status)).toEqual([200, 200, 500, 200, 200]);
    expect(run.mock.calls[0]![0]).toHaveLength(projects.length);
    const records = app.records().slice(before);
    expect(records.map(({ inputs }) => inputs['number_project'])).toEqual([2, 3, 4, 5]);
  });
});
