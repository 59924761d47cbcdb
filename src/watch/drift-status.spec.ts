import { type DistanceWindow, distanceStatus, shareStatus, type ShareWindow, worst } from './drift-status.js';

const window = (psi: number, { rows = 1_000, critical = 0.05 } = {}): DistanceWindow => ({
  rows,
  distance: { psi, critical, excess: Math.max(0, psi - 0.01), jsDistance: 0 },
});
const calm = window(0.02);
const moved = window(0.08);
const far = window(0.2);
const veryFar = window(0.3);

describe(distanceStatus.name, () => {
  it.each([
    ['no window', [], 'insufficient_data'],
    ['windows of few rows', [window(0.3, { rows: 299 })], 'insufficient_data'],
    ['one window that has moved', [far], 'ok'],
    ['one that has moved very far', [veryFar], 'severe'],
    ['one that is far off, but no more than chance', [window(0.3, { critical: 0.4 })], 'ok'],
    ['two that have moved', [moved, far], 'warning'],
    ['two that have moved far', [far, far], 'drift'],
    ['two, with a window of few rows between', [far, window(0, { rows: 10 }), far], 'drift'],
    ['two that have moved, and then calm', [far, far, calm], 'ok'],
  ] as const)('%s: %j', (_what, windows, status) => {
    expect(distanceStatus(windows, 10_000)).toBe(status);
  });

  it('says nothing beside few training rows', () => {
    expect(distanceStatus([veryFar, veryFar], 1_999)).toBe('insufficient_data');
  });
});

const same: ShareWindow = { rows: 1_000, hasRisen: false };
const more: ShareWindow = { rows: 1_000, hasRisen: true };

describe(shareStatus.name, () => {
  it.each([
    ['few rows', [{ ...more, rows: 299 }], 'insufficient_data'],
    ['more in one window', [same, more], 'ok'],
    ['more in two', [more, more], 'drift'],
    ['more in two, and then no more', [more, more, same], 'ok'],
  ] as const)('%s: %j', (_what, windows, status) => {
    expect(shareStatus(windows, 10_000)).toBe(status);
  });

  it('says nothing beside few training rows', () => {
    expect(shareStatus([more, more], 1_999)).toBe('insufficient_data');
  });
});

describe(worst.name, () => {
  it('is the worst, and insufficient_data of none', () => {
    expect(worst(['ok', 'severe', 'warning'])).toBe('severe');
    expect(worst([])).toBe('insufficient_data');
  });
});
