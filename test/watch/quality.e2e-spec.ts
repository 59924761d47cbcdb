import type { Manifest } from '../../src/artifacts/manifest.js';
import { StateUnavailable } from '../../src/state/state-unavailable.js';
import { SqliteEngine } from '../../src/state/sqlite-engine.js';
import type { StateDatabase } from '../../src/state/state-database.js';
import { openState } from '../support/state.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { holdoutFigure, Quality } from '../../src/watch/quality.js';

const TURNOVER = {
  model: 'turnover',
  version: '1',
  inputs: [
    { name: 'salary', type: 'category' },
    { name: 'note', type: 'text' },
  ],
  classes: [
    { value: 0, label: 'stays' },
    { value: 1, label: 'leaves' },
  ],
  metrics: { accuracy: 0.9 },
  training: { holdout_rows: 2_000 },
} as unknown as Manifest;
const { classes: _, ...OF_NUMBERS } = TURNOVER;

/** A state with so many labels; each is a millisecond younger than the one before. */
async function labelled(
  count: number,
  label: (place: number) => { predicted: unknown; truth: unknown; salary?: string; version?: string },
): Promise<StateDatabase> {
  const { state } = await openState(new SqliteEngine(temporaryFolder()));
  const values = Array.from({ length: count }, (_each, place) => {
    const { predicted, truth, salary = 'low', version = '1' } = label(place);
    const outputs = { prediction: predicted, probabilities: { stays: 0.25, leaves: 0.75 } };
    return {
      prediction_id: `id-${place}`,
      model: 'turnover',
      version,
      predicted: 1_000 + place,
      inputs: JSON.stringify({ salary, note: 'x' }),
      outputs: JSON.stringify(outputs),
      given: 2_000 + place,
      place: 0,
      value: JSON.stringify(truth),
      principal: null,
    };
  });
  for (let at = 0; at < count; at += 200)
    await state.run('putFeedback', { values: values.slice(at, at + 200) });
  return state;
}

describe(Quality.name, () => {
  it('is measured on the labels of a version, in the order in which they came', async () => {
    const state = await labelled(450, (place) => ({
      predicted: 1,
      truth: place < 225 ? 1 : 0,
      salary: place % 2 === 0 ? 'low' : 'high',
      version: place % 9 === 0 ? '2' : '1',
    }));
    const found = await new Quality(state).measured(TURNOVER);
    expect(found).toMatchObject({
      rows: 400,
      metric: { name: 'accuracy', value: 0.5 },
      confusion: [
        [0, 200],
        [0, 200],
      ],
      calibration: [{ from: 0.7, to: 0.8, rows: 400, predicted: 0.75, observed: 0.5 }],
      errors: { status: 'more_errors' },
    });
    expect(new Map(found!.slices.map(({ name, rows }) => [name, rows]))).toEqual(
      new Map([
        ['salary = high', 200],
        ['salary = low', 200],
      ]),
    );
    expect(Math.abs(found!.errors.since! - 2_225)).toBeLessThanOrEqual(120);
    const hidden = { hidden: () => new Map([['salary', 'hash']] as const) };
    expect((await new Quality(state, Date.now, hidden).measured(TURNOVER))!.slices).toEqual([]);
  });

  it('leaves out what is no class of the version, and says nothing where nothing is left', async () => {
    const state = await labelled(30, (place) => ({ predicted: 1, truth: place < 29 ? 7 : 1 }));
    expect(await new Quality(state).measured(TURNOVER)).toMatchObject({ rows: 1, metric: { value: 1 } });
    expect(await new Quality(state).measured({ ...TURNOVER, version: '2' })).toBeNull();
    expect(await new Quality(state).measured({ ...TURNOVER, targets: [{ name: 'a' }] })).toBeNull();
  });

  it('is the mean absolute error of numbers', async () => {
    const state = await labelled(50, (place) => ({ predicted: 10, truth: place % 2 === 0 ? 12 : 6 }));
    expect(await new Quality(state).measured(OF_NUMBERS as Manifest)).toMatchObject({
      rows: 50,
      metric: { name: 'mean_absolute_error', value: 3 },
      confusion: null,
    });
  });

  it('is told again for ten seconds, but not where it could not be measured', async () => {
    let asked = 0;
    let time = 0;
    let isAway = true;
    const run = (): Promise<never[]> => {
      asked++;
      return isAway ? Promise.reject(new StateUnavailable()) : Promise.resolve([]);
    };
    const quality = new Quality({ run } as unknown as StateDatabase, () => time);
    await expect(quality.measured(TURNOVER)).rejects.toThrow(StateUnavailable);
    isAway = false;
    for (time = 1; time < 10_000; time += 1_000) expect(await quality.measured(TURNOVER)).toBeNull();
    expect(asked).toBe(2);
    time = 10_001;
    await quality.measured(TURNOVER);
    expect(asked).toBe(3);
  });
});

describe(holdoutFigure.name, () => {
  it('is the accuracy, or the mean absolute error; none where the training has told none', () => {
    expect(holdoutFigure(TURNOVER)).toEqual({ name: 'accuracy', value: 0.9, rows: 2_000 });
    expect(holdoutFigure({ ...(OF_NUMBERS as Manifest), metrics: { mae: 3 } })).toEqual({
      name: 'mean_absolute_error',
      value: 3,
      rows: 2_000,
    });
    expect(holdoutFigure({ ...TURNOVER, metrics: {} })).toBeNull();
    expect(holdoutFigure({ ...TURNOVER, training: {} })).toBeNull();
  });
});
