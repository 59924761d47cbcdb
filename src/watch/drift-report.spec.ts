import { Baseline } from '../artifacts/baseline.js';
import type { Manifest } from '../artifacts/manifest.js';
import type { StoredWindow } from '../state/stored-drift.js';
import { driftReport } from './drift-report.js';
import type { Alarms } from './feature-detectors.js';

const HOUR = 3_600_000;
const MANIFEST = {
  model: 'm',
  version: '1',
  inputs: [
    { name: 'a', type: 'number' },
    { name: 'b', type: 'number' },
    { name: 'text', type: 'text' },
  ],
  classes: [
    { value: 0, label: 'no' },
    { value: 1, label: 'yes' },
  ],
  tolerance: {},
} as unknown as Manifest;
const bins = { edges: [0], counts: [5_000, 5_000] };

function baselineOf(holdout?: object): Baseline {
  const numeric = { kind: 'numeric', ...bins, missing: 0 };
  const text = { kind: 'text', length: bins, tokens: bins, unknown_share: 0, ...(holdout && { holdout }) };
  const file = { rows: 10_000, inputs: { a: numeric, b: numeric, text }, classes: { no: 5_000, yes: 5_000 } };
  return Baseline.parse(Buffer.from(JSON.stringify(file)), MANIFEST);
}

interface Asked {
  /** Rows of the first bin, of 1,000. */
  readonly a?: number;
  readonly b?: number;
  readonly yes?: number;
  /** Unknown tokens, of 20,000. */
  readonly unknown?: number;
  readonly rows?: number;
}

/** A window of one hour, or of another length. */
function windowOf(
  hour: number,
  { a, b, yes, unknown = 0, rows = 1_000 }: Asked,
  seconds = 3_600,
): StoredWindow {
  const half = rows / 2;
  const two = (first = half): number[] => [first, rows - first, 0, 0];
  const counts = [...two(a), ...two(b), ...two(), ...two(), 20_000, unknown, ...two(yes)];
  const start = hour * HOUR;
  return { seconds, start, until: start + seconds * 1_000, rows, counts: JSON.stringify(counts) };
}

function reportOf(
  windows: readonly StoredWindow[],
  { alarms = {}, baseline = baselineOf() }: { alarms?: Alarms; baseline?: Baseline } = {},
) {
  return driftReport(MANIFEST, { baseline, windows, alarms, now: 10 * HOUR });
}

const hour = (at: number): string => new Date(at * HOUR).toISOString();

describe(driftReport.name, () => {
  it('has the worst input first, whatever the answers do', () => {
    const { status, verdicts, windows } = reportOf([windowOf(5, { b: 800, yes: 999 })]);

    expect(status).toBe('severe');
    expect(verdicts.map(({ name, status: each }) => [name, each])).toEqual([
      ['b', 'severe'],
      ['a', 'ok'],
      ['text', 'ok'],
      ['class', 'severe'],
    ]);
    expect(windows[0]!.features.map(({ name }) => name)).toEqual(['b', 'a', 'text', 'text', 'class']);
  });

  it('has shorter windows first, and of each length the newest', () => {
    const { windows } = reportOf([windowOf(0, {}, 86_400), windowOf(4, {}), windowOf(5, {})]);

    expect(windows.map(({ from, seconds, closed }) => [from, seconds, closed])).toEqual([
      [hour(5), 3_600, true],
      [hour(4), 3_600, true],
      [hour(0), 86_400, false],
    ]);
  });

  it('says since when nothing was as in the training', () => {
    const { verdicts } = reportOf([
      windowOf(2, {}),
      windowOf(3, { a: 700 }),
      windowOf(4, { a: 700 }),
      windowOf(5, { rows: 100 }),
      windowOf(6, { a: 700 }),
    ]);

    const found = { status: 'drift', found_by: 'distance', seconds: 3_600, since: hour(3) };
    expect(verdicts[0]).toMatchObject({ name: 'a', ...found });
  });

  it('takes back what no longer holds', () => {
    const { verdicts } = reportOf([windowOf(3, { a: 700 }), windowOf(4, { a: 700 }), windowOf(5, {})]);

    expect(verdicts.map(({ found_by }) => found_by)).toEqual([null, null, null, null]);
  });

  it('says what the detector has found before the windows', () => {
    const { status, verdicts } = reportOf([windowOf(5, { rows: 200 })], { alarms: { 1: 5 * HOUR + 90_000 } });

    expect(status).toBe('drift');
    expect(verdicts[0]).toMatchObject({
      name: 'b',
      status: 'drift',
      found_by: 'detector',
      seconds: null,
      since: '1970-01-01T05:01:30.000Z',
    });
  });

  it('finds texts of words that nobody knows, but only where it knows how many are unknown in any case', () => {
    const windows = [windowOf(4, { unknown: 3_000 }), windowOf(5, { unknown: 3_000 })];
    const [first] = reportOf(windows, { baseline: baselineOf({ tokens: 10_000, unknown: 600 }) }).verdicts;
    const usual = reportOf(windows, { baseline: baselineOf({ tokens: 10_000, unknown: 1_500 }) });

    expect(first).toMatchObject({ name: 'text', kind: 'text_tokens', status: 'drift', found_by: 'unseen' });
    for (const { verdicts } of [usual, reportOf(windows)])
      expect(verdicts.every(({ found_by }) => found_by === null)).toBe(true);
  });
});
