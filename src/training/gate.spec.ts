import { type GateCheck, type GateMetric, type GateReport, lackForRule, verdictOf } from './gate.js';

const check = (name: string, passed: boolean): GateCheck => ({
  name,
  figure: 1,
  limit: 1,
  passed,
  reason: 'r',
});

describe(verdictOf.name, () => {
  it.each([
    ['passed', [check('schema', true), check('enough_rows', true)]],
    ['needs_approval', [check('schema', true), check('enough_rows', false)]],
    ['failed', [check('schema', false), check('enough_rows', false)]],
    ['failed', [check('schema', false), check('enough_rows', true)]],
  ] as const)('%s', (verdict, checks) => {
    expect(verdictOf(checks)).toBe(verdict);
  });
});

describe(lackForRule.name, () => {
  const report = (verdict: GateReport['verdict'], metric: Partial<GateMetric> = {}): GateReport => ({
    candidate: { version: '2', sha256: '' },
    champion: { version: '1', sha256: '' },
    verdict,
    metric: { name: 'accuracy', candidate: 0.9, champion: 0.8, gain: 0.1, low: 0.05, no_gain: 0, ...metric },
    holdout: { of: 'champion', rows: 1_000 },
    checks: [],
    pictures: {},
  });

  it.each([
    ['a gain that is sure', report('passed'), 'request', undefined],
    [
      'one that is too small',
      report('passed', { gain: 0.0019 }),
      'request',
      'it gains +0.0019, and 0.002 is the least that counts',
    ],
    [
      'one that may be chance',
      report('passed', { no_gain: 0.026 }),
      'request',
      'its gain of +0.1000 may be chance',
    ],
    ['none, but the data has drifted', report('passed', { gain: -0.003 }), 'drift', undefined],
    ['too few rows', report('needs_approval'), 'drift', 'the gate leaves it to a person'],
    ['a failure', report('failed'), 'drift', 'the gate was not passed'],
  ])('%s', (_what, given, trigger, lack) => {
    expect(lackForRule(given, trigger)).toBe(lack);
  });
});
