import { predictExample } from '../support/predict-example.js';

describe('sentiment', () => {
  it('answers its example like the estimator that was exported', async () => {
    await predictExample('sentiment', { text: 'that movie was boring' });
  });
});
