import { serverTiming } from './server-timing.js';

describe(serverTiming.name, () => {
  it('tells the stages and the whole in milliseconds', () => {
    expect(serverTiming({ queue: 0, run: 0.000_045, record: 1.002_003_4 }, 2_001.0006)).toBe(
      'queue;dur=0.000, run;dur=0.045, record;dur=1002.003, total;dur=2001.001',
    );
  });
});
