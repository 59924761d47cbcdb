import type { RetrainOn } from '../config/settings.js';
import { retrainReason, type Watched } from './retrain-rule.js';

const ALL: RetrainOn = { drift: true, quality: true, labels: 100 };
const accuracy = (value: number): Watched['quality'] => ({
  name: 'accuracy',
  value,
  low: value - 0.02,
  high: value + 0.02,
});
const error = (value: number): Watched['quality'] => ({
  name: 'mean_absolute_error',
  value,
  low: value * 0.9,
  high: value * 1.1,
});
const CALM: Watched = { drift: 'ok', quality: accuracy(0.9), holdout: 0.9, newLabels: 99 };

describe(retrainReason.name, () => {
  it.each<[string, Partial<Watched>, Partial<RetrainOn>, string | undefined]>([
    ['nothing has happened', {}, {}, undefined],
    ['quality lost, with its whole interval', { quality: accuracy(0.82) }, {}, 'quality'],
    ['quality lost, but its interval reaches the limit', { quality: accuracy(0.84) }, {}, undefined],
    ['quality lost that nobody watches', { quality: accuracy(0.5) }, { quality: false }, undefined],
    ['an error beyond the hold-out’s', { quality: error(2.4), holdout: 2 }, {}, 'quality'],
    ['an error whose interval reaches it', { quality: error(2.3), holdout: 2 }, {}, undefined],
    ['a hold-out that says nothing', { quality: accuracy(0.5), holdout: undefined }, {}, undefined],
    ['drift', { drift: 'drift' }, {}, 'drift'],
    ['severe drift, and no label yet', { drift: 'severe', quality: undefined, newLabels: 1 }, {}, 'drift'],
    ['drift without new labels', { drift: 'severe', newLabels: 0 }, {}, undefined],
    ['a warning', { drift: 'warning' }, {}, undefined],
    ['drift that nobody watches', { drift: 'severe' }, { drift: false }, undefined],
    ['enough labels', { newLabels: 100 }, {}, 'labels'],
    ['labels that nobody counts', { newLabels: 1e6 }, { labels: undefined }, undefined],
    ['quality before drift', { quality: accuracy(0.5), drift: 'severe', newLabels: 100 }, {}, 'quality'],
  ])('%s', (_what, changes, on, expected) => {
    expect(retrainReason({ ...CALM, ...changes }, { ...ALL, ...on })?.trigger).toBe(expected);
  });

  it('says why', () => {
    expect(retrainReason({ ...CALM, quality: accuracy(0.8) }, ALL)?.reason).toBe(
      'accuracy is 0.8, and was 0.9 on the hold-out; 99 new labels',
    );
  });
});
