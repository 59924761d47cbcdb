import { createTestApp } from '../support/create-app.js';
import { prediction } from '../support/shapes.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const app = await createTestApp();
const warning = (name: string, detail: string): object => ({
  pointer: `/${name}`,
  code: 'outside_training_range',
  detail,
});

describe('legal inputs outside of the training range', () => {
  it('are answered with a warning for each', async () => {
    const reply = await app.post('/models/turnover/predict', {
      ...TURNOVER_ROW,
      satisfaction_level: 0,
      number_project: 50,
    });

    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({
      ...prediction('turnover', ['stays', 'leaves']),
      warnings: [
        warning('satisfaction_level', '0 lies outside of the training range 0.09 to 1'),
        warning('number_project', '50 lies outside of the training range 2 to 7'),
      ],
    });
  });

  it('are none at the ends of the range', async () => {
    const row = { ...TURNOVER_ROW, satisfaction_level: 0.09, number_project: 7 };
    const reply = await app.post('/models/turnover/predict', row);

    expect(reply.body).toEqual(prediction('turnover', ['stays', 'leaves']));
  });
});
