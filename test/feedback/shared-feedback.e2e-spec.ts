import { setTimeout as after } from 'node:timers/promises';
import { newId } from '../../src/observability/ids.js';
import { StateDatabase } from '../../src/state/state-database.js';
import { createTestApp, type TestApp } from '../support/create-app.js';
import { withKeys } from '../support/keys.js';
import { HAS_POSTGRES, Postgres } from '../support/postgres.js';
import { DAY_MS } from '../../src/journal/record-name.js';

const IRIS = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const NOTHING = { accepted: 0, replaced: 0, unchanged: 0, rejected: [] };

const postgres = HAS_POSTGRES ? await Postgres.start() : undefined;

async function predicted(app: TestApp): Promise<string> {
  const { body } = await app.post('/models/iris/predict', IRIS);
  return (body as { prediction_id: string }).prediction_id;
}
const given = async (app: TestApp, prediction_id: string, value: unknown): Promise<unknown> =>
  (await app.post('/feedback', { prediction_id, value })).body;

/** Labels by their prediction, when there are so many. */
async function labels(app: TestApp, count: number): Promise<Map<unknown, unknown>> {
  for (;;) {
    const { text } = await app.get('/models/iris/labelled');
    const rows = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    if (rows.length >= count) return new Map(rows.map((row) => [row['prediction_id'], row['label']]));
    await after(100);
  }
}

describe.skipIf(!HAS_POSTGRES)('feedback of several servers on one PostgreSQL', () => {
  it('waits for the server that has the record, which joins it, and checks it then', async () => {
    const settings = { STATE_DATABASE_URL: await postgres!.newDatabase() };
    const one = await createTestApp(settings);
    const other = await createTestApp(settings);
    const [first, second, third] = [await predicted(one), await predicted(one), await predicted(one)];
    const started = performance.now();

    expect(await given(other, first, 0)).toEqual({ ...NOTHING, accepted: 1 });
    expect(await given(other, first, 0)).toEqual({ ...NOTHING, unchanged: 1 });
    expect(await given(other, first, 2)).toEqual({ ...NOTHING, replaced: 1 });
    expect(await given(other, second, 'no class')).toEqual({ ...NOTHING, accepted: 1 });
    expect(await given(one, third, 1)).toEqual({ ...NOTHING, accepted: 1 });
    const found = await labels(other, 2);
    expect(performance.now() - started).toBeLessThan(8_000);
    expect(found).toEqual(
      new Map([
        [first, 2],
        [third, 1],
      ]),
    );
    expect((await one.get('/metrics')).text).toContain(
      'nestor_feedback_rejected_total{code="not_a_class"} 1',
    );
    await one.close();

    // Given while the server with the record is away: it joins it at its start.
    const log = one.settings['PREDICTION_LOG_DIR']!;
    const unknown = newId();
    const ago = {
      prediction_id: newId(),
      given: Date.now() - DAY_MS - 1_000,
      place: 0,
      value: '{"value":1}',
      principal: null,
    };
    await other.app.get(StateDatabase).run('putPending', { values: [ago] });
    expect(await given(other, second, 1)).toEqual({ ...NOTHING, accepted: 1 });
    expect(await given(other, unknown, 1)).toEqual({ ...NOTHING, accepted: 1 });
    await createTestApp({ ...settings, PREDICTION_LOG_DIR: log });
    expect((await labels(other, 3)).get(second)).toBe(1);
    const { text } = await other.get('/metrics');
    expect(text).toContain('nestor_feedback_pending 1');
    expect(text).toContain('nestor_feedback_unmatched 1');
  }, 30_000);

  it('waits with the models that its giver has a key for', async () => {
    const { settings, keys } = withKeys({ all: {}, turnover: { models: ['turnover'] } });
    const shared = { ...settings, STATE_DATABASE_URL: await postgres!.newDatabase() };
    const [one, other] = [await createTestApp(shared), await createTestApp(shared)];
    const post = async (app: TestApp, key: string, url: string, body: object): Promise<unknown> =>
      (await app.post(url, body, { 'x-api-key': key })).body;
    const { prediction_id } = (await post(one, keys.all, '/models/iris/predict', IRIS)) as {
      prediction_id: string;
    };

    expect(await post(other, keys.turnover, '/feedback', { prediction_id, value: 1 })).toEqual({
      ...NOTHING,
      accepted: 1,
    });
    await vi.waitFor(
      async () =>
        expect((await one.get('/metrics', { 'x-api-key': keys.all })).text).toContain(
          'nestor_feedback_rejected_total{code="forbidden"} 1',
        ),
      { timeout: 8_000, interval: 100 },
    );
    expect((await one.get('/models/iris/labelled', { 'x-api-key': keys.all })).text).toBe('');
  }, 30_000);
});
