import { vi } from 'vitest';
import { PredictionService } from '../../src/models/prediction.service.js';
import { createTestApp } from '../support/create-app.js';
import { problem } from '../support/shapes.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const app = await createTestApp({ LOG_DIR: temporaryFolder() });
const secret = new TypeError("Cannot read properties of undefined (reading 'salary') in /srv/nestor/x.js");

type Predict = PredictionService['predict'];

describe.each<[string, Predict]>([
  [
    'that is thrown',
    () => {
      throw secret;
    },
  ],
  ['that is told later', (_target, _rows, _caller, reply) => setImmediate(() => reply.fail(secret))],
])('a fault of the server itself %s', (_, predict) => {
  beforeEach(() => {
    vi.spyOn(app.app.get(PredictionService), 'predict').mockImplementationOnce(predict);
  });

  it('tells the caller nothing but the id of the request', async () => {
    const reply = await app.post('/models/turnover/predict', TURNOVER_ROW);

    expect(reply).toMatchObject({ status: 500 });
    expect(reply.body).toEqual(
      problem('internal_error', 500, { detail: 'the request could not be served; its id is in the log' }),
    );
  });

  it('stands in the log with its stack and the same id', async () => {
    await app.post('/models/turnover/predict', TURNOVER_ROW, { 'x-request-id': 'broken-7' });

    await vi.waitFor(() => {
      const line = app.applicationLog().findLast(({ request_id }) => request_id === 'broken-7');
      expect(line).toMatchObject({ level: 'error', stack: secret.stack });
    });
  });

  it('does not stop the next request', async () => {
    await app.post('/models/turnover/predict', TURNOVER_ROW);
    const reply = await app.post('/models/turnover/predict', TURNOVER_ROW);

    expect(reply.status).toBe(200);
  });
});
