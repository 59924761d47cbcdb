import { predictExample } from '../support/predict-example.js';

describe('iris', () => {
  it('answers its example like the estimator that was exported', async () => {
    await predictExample('iris', {
      sepal_length: 5.1,
      sepal_width: 3.5,
      petal_length: 1.4,
      petal_width: 0.2,
    });
  });
});
