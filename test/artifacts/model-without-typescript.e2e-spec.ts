import { copyTurnover } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';
import { metric } from '../support/metrics.js';
import { prediction } from '../support/shapes.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const root = temporaryFolder();
copyTurnover({ root });
copyTurnover({ root, name: 'mounted.model-2' });
const app = await createTestApp({ ARTIFACTS_DIR: root });
const ROUTE = '/models/mounted.model-2/predict';

describe('a model folder without TypeScript', () => {
  it('gets the typed routes, with the same answers as the hand-written model', async () => {
    const made = await app.post(ROUTE, TURNOVER_ROW);
    const written = await app.post('/models/turnover/predict', TURNOVER_ROW);
    const many = await app.post('/v1/models/mounted.model-2:predict', { instances: [TURNOVER_ROW] });

    const whole = prediction('mounted.model-2', ['stays', 'leaves']);
    expect(made.body).toEqual(whole);
    expect(many.body).toEqual({ predictions: [whole] });
    const probabilities = ({ body }: { body: unknown }): object =>
      (body as { probabilities: object }).probabilities;
    expect(probabilities(made)).toEqual(probabilities(written));
  });

  it('gets the same check, word for word', async () => {
    const bad = { ...TURNOVER_ROW, salary: 'huge', number_project: 1.5, sales: undefined, surplus: 1 };
    const errors = async (route: string): Promise<unknown> =>
      ((await app.post(route, bad)).body as { errors: unknown }).errors;

    expect(await errors(ROUTE)).toEqual(await errors('/models/turnover/predict'));
    expect(await errors(ROUTE)).toHaveLength(4);
  });

  it('gets the same documentation', async () => {
    const text = JSON.stringify((await app.get('/openapi.json')).body);
    const { paths, components } = JSON.parse(text.replaceAll('mounted.model-2', 'turnover')) as {
      paths: Record<string, unknown>;
      components: { schemas: Record<string, unknown> };
    };
    const original = JSON.parse(text) as typeof components & {
      paths: object;
      components: { schemas: object };
    };

    expect(Object.keys(original.paths)).toEqual(
      expect.arrayContaining([ROUTE, '/v1/models/mounted.model-2:predict']),
    );
    expect(components.schemas['turnover.Input']).toEqual(
      (original.components.schemas as Record<string, unknown>)['turnover.Input'],
    );
    expect(paths['/models/turnover/predict']).toEqual(
      (original.paths as Record<string, unknown>)['/models/turnover/predict'],
    );
  });

  it('gets records and metrics', async () => {
    const before = app.records().length;
    await app.post(ROUTE, TURNOVER_ROW);
    const { text } = await app.get('/metrics');

    expect(app.records().filter(({ model }) => model === 'mounted.model-2').length).toBeGreaterThan(0);
    expect(app.records()).toHaveLength(before + 1);
    expect(
      metric(text, 'nestor_predictions_total', { model: 'mounted.model-2', version: '1', outcome: 'ok' }),
    ).toBeGreaterThan(0);
  });
});
