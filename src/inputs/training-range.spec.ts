import type { InputSpec } from '../artifacts/manifest.js';
import { TrainingRange } from './training-range.js';

const input = (more: Partial<InputSpec>): InputSpec => ({
  name: 'glucose',
  type: 'number',
  description: 'd',
  example: 1,
  observed: { minimum: 44, maximum: 199 },
  ...more,
});

describe(TrainingRange.name, () => {
  it.each([44, 100, 199])('has nothing to say of %d', (glucose) => {
    expect(new TrainingRange([input({})]).warnings({ glucose })).toBeUndefined();
  });

  it.each([43.999, 199.001, -1e308])('warns of %d', (glucose) => {
    expect(new TrainingRange([input({})]).warnings({ glucose })).toEqual([
      {
        pointer: '/glucose',
        code: 'outside_training_range',
        detail: `${glucose} lies outside of the training range 44 to 199`,
      },
    ]);
  });

  it('does not warn of what means missing, nor of null', () => {
    const range = new TrainingRange([input({ missing_values: [0], nullable: true })]);

    expect([0, null, undefined].map((glucose) => range.warnings({ glucose }))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('warns of a word that did not occur, where any word is taken', () => {
    const range = new TrainingRange([
      { name: 'town', type: 'category', description: 'd', example: 'a', categories: ['a', 'b'], open: true },
      { name: 'kind', type: 'category', description: 'd', example: 'a', categories: ['a', 'b'] },
    ]);

    expect(range.warnings({ town: 'a', kind: 'a' })).toBeUndefined();
    expect(range.warnings({ town: null, kind: null })).toBeUndefined();
    expect(range.warnings({ town: 'x'.repeat(1_000), kind: 'c' })).toEqual([
      {
        pointer: '/town',
        code: 'outside_training_range',
        detail: `"${'x'.repeat(64)}"… did not occur in training`,
      },
    ]);
  });

  it('warns of a number that did not occur, where the model knows single numbers', () => {
    const range = new TrainingRange([
      input({ type: 'integer', categories: [50, 60], open: true, missing_values: [-1] }),
    ]);

    expect([50, -1, null].map((glucose) => range.warnings({ glucose }))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(range.warnings({ glucose: 55 })?.[0]?.detail).toBe('55 did not occur in training');
  });

  it('compares times as times', () => {
    const observed = { minimum: '2020-01-01', maximum: '2021-01-01T12:00:00Z' };
    const range = new TrainingRange([input({ type: 'datetime', observed })]);

    expect(range.warnings({ glucose: '2021-01-01T13:30+02:00' })).toBeUndefined();
    expect(range.warnings({ glucose: '2021-01-01T13:30' })?.[0]?.detail).toBe(
      '2021-01-01T13:30 lies outside of the training range 2020-01-01 to 2021-01-01T12:00:00Z',
    );
  });

  it('does not repeat the value of a hidden input', () => {
    const town = { type: 'category', description: 'd', example: 'a', categories: ['a'], open: true } as const;
    const range = new TrainingRange(
      [input({}), { name: 'town', ...town }],
      new Map([
        ['glucose', 'hash'],
        ['town', 'drop'],
      ]),
    );

    expect(range.warnings({ glucose: 777, town: 'Ada' })?.map(({ detail }) => detail)).toEqual([
      'it lies outside of the training range 44 to 199',
      'it did not occur in training',
    ]);
  });

  it('escapes names as a JSON pointer wants it', () => {
    const [warning] = new TrainingRange([input({ name: 'a/b~c' })]).warnings({ 'a/b~c': 0 }) ?? [];

    expect(warning?.pointer).toBe('/a~1b~0c');
  });
});
