import { createTestApp } from '../support/create-app.js';
import { prediction, problem } from '../support/shapes.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const app = await createTestApp();
const ROUTE = '/v1/models/turnover:predict';

/** Rows that differ by an input the model looks at, so that an exchange of two of them shows. */
const rows = (count: number): object[] =>
  Array.from({ length: count }, (_, index) => ({
    ...TURNOVER_ROW,
    satisfaction_level: (9 + (index % 92)) / 100,
    average_montly_hours: 96 + (index % 215),
  }));

async function predict(instances: unknown): Promise<{ probabilities: object; prediction_id: string }[]> {
  const reply = await app.post(ROUTE, { instances });
  expect(reply.status).toBe(200);
  return (reply.body as { predictions: { probabilities: object; prediction_id: string }[] }).predictions;
}

describe('POST /v1/models/:model:predict', () => {
  it.each([1, 2])('answers %i full predictions', async (count) => {
    const predictions = await predict(rows(count));

    expect(predictions).toEqual(
      Array.from({ length: count }, () => prediction('turnover', ['stays', 'leaves'])),
    );
  });

  it('answers 10,000 rows in order, each recorded under its own id', async () => {
    const before = app.records().length;
    const sent = rows(10_000);
    const [all, ...some] = await Promise.all([predict(sent), predict([sent[7_777]]), predict([sent[1_024]])]);

    expect(all).toHaveLength(10_000);
    expect(all[7_777]!.probabilities).toEqual(some[0]?.[0]?.probabilities);
    expect(all[1_024]!.probabilities).toEqual(some[1]?.[0]?.probabilities);
    const records = new Map(
      app
        .records()
        .slice(before)
        .map((record) => [record.prediction_id, record.inputs]),
    );
    expect(all.map(({ prediction_id }) => records.get(prediction_id))).toEqual(sent);
  });

  it('answers calls of a size in the order they came, and smaller ones in between', async () => {
    const answered: number[] = [];
    await Promise.all(
      [9_000, 3_000, 1_000, 129, 2, 1].map(async (count) => {
        await predict(rows(count));
        answered.push(count);
      }),
    );

    expect(new Set(answered.slice(0, 2))).toEqual(new Set([1, 2]));
    expect(answered.slice(2)).toEqual([1_000, 129, 9_000, 3_000]);
  });

  it('keeps large calls apart that come together', async () => {
    const before = app.records().length;
    const sent = [1_000, 700, 1_300].map((count, call) =>
      rows(count).map((row) => ({ ...row, number_project: 2 + call })),
    );
    for (const round of [1, 2]) {
      const answered = (await Promise.all(sent.map(predict))).flat();

      // They may stand in several files.
      const records = app.records();
      const inputs = new Map(records.map((record) => [record.prediction_id, record.inputs]));
      expect(records).toHaveLength(before + round * 3_000);
      expect(answered.map(({ prediction_id }) => inputs.get(prediction_id))).toEqual(sent.flat());
    }
  });

  it('takes the colon encoded', async () => {
    const reply = await app.post('/v1/models/turnover%3Apredict', { instances: rows(1) });

    expect(reply.status).toBe(200);
  });

  it('refuses all rows for one, and records none', async () => {
    const before = app.records().length;
    const reply = await app.post(ROUTE, { instances: [TURNOVER_ROW, { ...TURNOVER_ROW, salary: 'huge' }] });

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual(
      problem('invalid_input', 400, {
        detail: '/instances/1/salary: must be one of "high", "low", "medium"; got "huge"',
        errors: [
          {
            pointer: '/instances/1/salary',
            code: 'category',
            detail: 'must be one of "high", "low", "medium"; got "huge"',
          },
        ],
        error_count: 1,
      }),
    );
    expect(app.records()).toHaveLength(before);
  });

  it('lists fifty of many faults and counts all', async () => {
    const reply = await app.post(ROUTE, { instances: Array.from({ length: 10_000 }, () => ({})) });

    expect(reply.body).toMatchObject({ error_count: 90_000 });
    expect((reply.body as { errors: unknown[] }).errors).toHaveLength(50);
    expect(reply.text.length).toBeLessThan(10_000);
  });
});
