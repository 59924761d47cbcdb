import { predictExample } from '../support/predict-example.js';

describe('diabetes', () => {
  it('answers its example like the estimator that was exported', async () => {
    await predictExample('diabetes', {
      times_pregnant: 1,
      glucose: 106,
      blood_pressure: 70,
      skin_fold_thick: 28,
      serum_insuling: 135,
      mass_index: 34.2,
      diabetes_pedigree: 0.142,
      age: 22,
    });
  });
});
