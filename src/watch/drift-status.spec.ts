import { type FeatureWindow, featureStatus, worst } from './drift-status.js';

const window = (psi: number, { rows = 1_000, critical = 0.05, hasMore = false } = {}): FeatureWindow => ({
  rows,
  hasMore,
  distance: { psi, critical, excess: Math.max(0, psi - 0.01), jsDistance: 0 },
});
const calm = window(0.02);
const moved = window(0.08);
const far = window(0.2);
const veryFar = window(0.3);
const more = window(0.02, { hasMore: true });

describe(featureStatus.name, () => {
  it.each([
    ['no window', [], 'insufficient_data', null],
    ['windows of few rows', [window(0.3, { rows: 299 })], 'insufficient_data', null],
    ['one window that has moved', [far], 'ok', null],
    ['one that has moved very far', [veryFar], 'severe', 'distance'],
    ['one that is far off, but no more than chance', [window(0.3, { critical: 0.4 })], 'ok', null],
    ['two that have moved', [moved, far], 'warning', 'distance'],
    ['two that have moved far', [far, far], 'drift', 'distance'],
    ['two, with a window of few rows between', [far, window(0, { rows: 10 }), far], 'drift', 'distance'],
    ['two that have moved, and then calm', [far, far, calm], 'ok', null],
    ['more missing values in one', [calm, more], 'ok', null],
    ['more missing values in two', [more, more], 'drift', 'missing_or_unseen'],
  ] as const)('%s: %j', (_what, windows, status, why) => {
    expect(featureStatus(windows, 10_000)).toEqual({ status, why });
  });

  it('says nothing beside few training rows', () => {
    expect(featureStatus([veryFar, veryFar], 1_999)).toEqual({ status: 'insufficient_data', why: null });
  });
});

describe(worst.name, () => {
  it('is the worst, and insufficient_data of none', () => {
    expect(worst(['ok', 'severe', 'warning'])).toBe('severe');
    expect(worst([])).toBe('insufficient_data');
  });
});
