import { createTestApp } from '../support/create-app.js';

const app = await createTestApp();
const ROUTE = '/katana-ml/api/v1.0/diabetes';
const post = (data: unknown) => app.post(ROUTE, { data });

describe(`POST ${ROUTE}, the published call`, () => {
  it('answers P(diabetes) and records the inputs by name', async () => {
    const reply = await post('1,106,70,28,135,34.2,0.142,22');
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({ prediction: expect.closeTo(0.133, 3) });
    expect(app.records()).toMatchObject([
      { model: 'diabetes', route: ROUTE, inputs: { glucose: 106, mass_index: 34.2 } },
    ]);
  });

  it('takes blanks after the commas, and reads 0 as missing where it cannot be measured', async () => {
    const spaced = await post(' 1, 106, 70, 28, 135, 34.2, 0.142, 22 ');
    expect(spaced.body).toEqual((await post('1,106,70,28,135,34.2,0.142,22')).body);
    const row = {
      times_pregnant: 1,
      blood_pressure: 70,
      skin_fold_thick: 28,
      mass_index: 34.2,
      diabetes_pedigree: 0.142,
      age: 22,
    };
    const typed = await app.post('/models/diabetes/predict', { ...row, glucose: null });
    const { diabetes } = (typed.body as { probabilities: Record<string, number> }).probabilities;
    expect((await post('1,0,70,28,0,34.2,0.142,22')).body).toEqual({ prediction: diabetes });
    expect(typed.body).not.toHaveProperty('warnings');
  });

  it.each([
    ['7 values', '1,106,70,28,135,34.2,0.142', 'holds 7 values; send 8'],
    ['9 values', '1,106,70,28,135,34.2,0.142,22,1', 'holds 9 values; send 8'],
    [
      'a word',
      '1,106,seventy,28,135,34.2,0.142,22',
      'value 3 (blood_pressure) must be a number; got "seventy"',
    ],
    ['nothing between commas', '1,,70,28,135,34.2,0.142,22', 'value 2 (glucose) must be a number; got ""'],
    ['hexadecimal', '0x1,106,70,28,135,34.2,0.142,22', 'value 1 (times_pregnant) must be a number'],
    ['NaN', '1,NaN,70,28,135,34.2,0.142,22', 'value 2 (glucose) must be a number'],
    ['1e39', '1,106,70,28,135,1e39,0.142,22', 'value 6 (mass_index) must be at most 150'],
    ['1e400', '1,106,70,28,135,1e400,0.142,22', 'value 6 (mass_index) must be'],
    ['half a year', '1,106,70,28,135,34.2,0.142,22.5', 'value 8 (age) must be a whole number; got 22.5'],
    ['a number', 42, 'must be a text of eight numbers'],
    ['nothing', undefined, 'must be a text of eight numbers'],
  ])('refuses %s and names the place', async (_, data, detail) => {
    const reply = await post(data);
    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({
      code: 'invalid_input',
      errors: [{ pointer: '/data', detail: expect.stringContaining(detail) }],
    });
  });
});
