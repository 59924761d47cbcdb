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

  it('escapes names as a JSON pointer wants it', () => {
    const [warning] = new TrainingRange([input({ name: 'a/b~c' })]).warnings({ 'a/b~c': 0 }) ?? [];

    expect(warning?.pointer).toBe('/a~1b~0c');
  });
});
