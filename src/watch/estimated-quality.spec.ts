import { estimatedQuality } from './estimated-quality.js';

const window = (rows: number, right: number, variance: number) => ({
  seconds: 3_600,
  start: 0,
  until: 3_600_000,
  rows,
  counts: JSON.stringify([7, 7, 1e6 * right, 1e6 * variance]),
});

describe(estimatedQuality.name, () => {
  it('is the mean probability of what was answered, over all windows, with the interval of as many rows', () => {
    const found = estimatedQuality({ confidence: 2 }, [window(300, 240, 36), window(700, 595, 64)]);
    expect(found).toEqual({
      rows: 1_000,
      metric: {
        name: 'accuracy',
        value: 0.835,
        low: expect.closeTo(0.8154, 4) as number,
        high: expect.closeTo(0.8546, 4) as number,
      },
    });
  });

  it('is none without probabilities, and without rows', () => {
    expect(estimatedQuality({ confidence: undefined }, [window(9, 9, 0)])).toBeNull();
    expect(estimatedQuality({ confidence: 2 }, [])).toBeNull();
  });

  it('stays among shares', () => {
    const { low, high } = estimatedQuality({ confidence: 2 }, [window(2, 1.9, 0.2)])!.metric;
    expect([low < 1, high]).toEqual([true, 1]);
  });
});
