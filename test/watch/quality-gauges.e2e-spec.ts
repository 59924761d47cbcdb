import type { Manifest } from '../../src/artifacts/manifest.js';
import type { ModelVersion } from '../../src/models/model-version.js';
import type { Collected } from '../../src/observability/collected-metric.js';
import type { MetricsRegistry } from '../../src/observability/metrics-registry.js';
import { SqliteEngine } from '../../src/state/sqlite-engine.js';
import { StateUnavailable } from '../../src/state/state-unavailable.js';
import { Quality } from '../../src/watch/quality.js';
import { QualityGauges } from '../../src/watch/quality-gauges.js';
import { givenLabel, openState } from '../support/state.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const HOUR = 3_600_000;
const NOW = 1_800_000_000_000;

const manifest = (model: string, version = '1'): Manifest =>
  ({
    model,
    version,
    inputs: [],
    classes: [
      { value: 0, label: 'a' },
      { value: 1, label: 'b' },
    ],
    metrics: { accuracy: 0.95 },
    training: { holdout_rows: 2_000 },
  }) as unknown as Manifest;

/** Gauges over a state database, an hour after its first label, at a clock that can be set. */
async function gauges() {
  const { state } = await openState(new SqliteEngine(temporaryFolder()));
  const collected = new Map<string, Collected>();
  const measured: string[] = [];
  const estimated: string[] = [];
  const failures: unknown[] = [];
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: NOW });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  let labels = 0;
  const all = {
    measured,
    estimated,
    failures,
    /** What is thrown where a model is to be estimated. */
    faults: new Map<string, Error>(),
    estimateMs: 0,
    /** Whether the state database does not answer with labels in time. */
    isTooMany: false,
    champions: [manifest('iris'), manifest('wine')],
    /** Labels of answers of which so many are wrong. */
    label: async (count: number, { model = 'iris', version = '1', wrong = 0, given = Date.now() } = {}) => {
      const values = Array.from({ length: count }, (_, place) => ({
        ...givenLabel(`id-${labels++}`, place < wrong ? '1' : '0', given, place),
        model,
        version,
      }));
      await state.run('putFeedback', { values });
    },
    count: async (model: string) => {
      const version = { model, version: '1', baseline: 'd' };
      const additions = [{ ...version, slots: [], detectors: { revision: 1, state: '[]', alarms: '{}' } }];
      await state.run('addCounts', {
        by: { writer: 'w', write: 1, at: Date.now() },
        additions,
        leastRows: 300,
      });
    },
    shown: (name: string): readonly unknown[] => [...collected.get(`nestor_quality_${name}`)!.collect()],
    look: () => made.look(),
  };
  const quality = new Quality(state);
  const made = new QualityGauges(
    { collected: (each: Collected) => collected.set(each.name, each) } as unknown as MetricsRegistry,
    {
      measured: (asked) => {
        measured.push(`${asked.model}/${asked.version}`);
        if (all.isTooMany) throw new StateUnavailable();
        return quality.measured(asked);
      },
    },
    {
      estimate: (model) => {
        estimated.push(model);
        vi.advanceTimersByTime(all.estimateMs);
        const fault = all.faults.get(model);
        if (fault !== undefined) throw fault;
        return Promise.resolve(
          model === 'wine' ? { rows: 10, metric: { name: 'accuracy', value: 0.9, low: 0.8, high: 1 } } : null,
        );
      },
    },
    { usable: () => all.champions.map((each) => ({ manifest: each }) as unknown as ModelVersion) },
    state,
    { failure: (_, error) => void failures.push(error) },
  );
  return all;
}

/** As much later, so that neither a margin nor what is remembered hides what is read. */
const later = (): void => void vi.setSystemTime(Date.now() + HOUR);

describe(QualityGauges.name, () => {
  it('have the hold-out and no labels at first, and what was measured after the first label', async () => {
    const { look, shown, label } = await gauges();
    const accuracy = { model: 'iris', metric: 'accuracy' };
    await look();
    expect(shown('labels')).toEqual([
      [{ model: 'iris' }, 0],
      [{ model: 'wine' }, 0],
    ]);
    expect(shown('measured')).toEqual([]);
    expect(shown('holdout')).toEqual([
      [accuracy, 0.95],
      [{ ...accuracy, model: 'wine' }, 0.95],
    ]);
    expect(shown('estimated')).toEqual([[{ ...accuracy, model: 'wine' }, 0.9]]);

    await label(200, { wrong: 100 });
    await look();
    expect(shown('labels')[0]).toEqual([{ model: 'iris' }, 200]);
    expect(shown('measured')).toEqual([[accuracy, 0.5]]);
    expect(shown('measured_low')).toEqual([[accuracy, expect.closeTo(0.431, 3)]]);
    expect(shown('measured_high')).toEqual([[accuracy, expect.closeTo(0.569, 3)]]);
    expect(shown('more_errors')).toEqual([
      [{ model: 'iris' }, 1],
      [{ model: 'wine' }, 0],
    ]);
  });

  it('measure again where labels have come, and estimate again where rows were counted', async () => {
    const { look, label, count, measured, estimated } = await gauges();
    await label(3);
    await label(3, { model: 'wine' });
    await look();
    expect(measured.splice(0)).toEqual(['iris/1', 'wine/1']);
    expect(estimated.splice(0)).toEqual(['iris', 'wine']);
    later();
    // A label that came within the margin is looked at again.
    await look();
    later();
    await look();
    measured.splice(0);
    await look();
    expect([measured, estimated]).toEqual([[], []]);
    await label(1, { model: 'wine' });
    await count('iris');
    await look();
    expect([measured, estimated]).toEqual([['wine/1'], ['iris']]);
  });

  it('follow the champion, also back to one whose labels came meanwhile', async () => {
    const all = await gauges();
    await all.label(3);
    await all.look();
    later();
    all.champions = [manifest('iris', '2')];
    await all.look();
    expect(all.shown('labels')).toEqual([[{ model: 'iris' }, 0]]);
    await all.label(4);
    later();
    await all.look();
    all.champions = [manifest('iris')];
    later();
    await all.look();
    expect(all.shown('labels')).toEqual([[{ model: 'iris' }, 7]]);
  });

  it('show the others where one model cannot be read', async () => {
    const { faults, failures, look, shown } = await gauges();
    faults.set('iris', new Error('it has just gone'));
    await look();
    expect(failures).toEqual([faults.get('iris')]);
    expect(shown('estimated')).toHaveLength(1);
  });

  it('read at the next look, and last, what the state database did not answer', async () => {
    const { faults, failures, look, estimated } = await gauges();
    faults.set('iris', new StateUnavailable());
    await look();
    expect(estimated.splice(0)).toEqual(['iris']);
    faults.clear();
    await look();
    expect(estimated.splice(0)).toEqual(['wine', 'iris']);
    await look();
    expect([estimated, failures]).toEqual([[], []]);
  });

  it('estimate also where labels cannot be read', async () => {
    const all = await gauges();
    all.isTooMany = true;
    await all.label(3);
    await all.look();
    expect([all.measured, all.estimated]).toEqual([['iris/1'], ['iris', 'wine']]);
    expect(all.shown('measured')).toEqual([]);
    all.isTooMany = false;
    await all.look();
    expect(all.shown('measured')).toHaveLength(1);
  });

  it('leave to the next look what would take longer than a second', async () => {
    const all = await gauges();
    all.estimateMs = 1_000;
    await all.look();
    expect(all.estimated.splice(0)).toEqual(['iris']);
    await all.look();
    expect(all.estimated).toEqual(['wine']);
  });
});
