import { predictExample } from '../support/predict-example.js';

describe('sentiment-deep', () => {
  it('answers its example like the estimator that was exported', async () => {
    await predictExample('sentiment-deep', { text: 'I am well' });
  });
});
