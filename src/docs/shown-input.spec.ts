import type { InputSpec } from '../artifacts/manifest.js';
import type { HiddenInputs } from '../inputs/hidden-inputs.js';
import { manifestSchema } from '../inputs/manifest-schema.js';
import { shownInput } from './shown-input.js';

function shown(input: Partial<InputSpec>, hidden?: HiddenInputs): unknown {
  const inputs = [{ name: 'n', type: 'category', description: 'D.', example: 'a', ...input } as InputSpec];
  return shownInput(manifestSchema({ inputs }), inputs, hidden).properties?.['n'];
}

describe(shownInput.name, () => {
  it('tells the known values of an open input', () => {
    expect(shown({ categories: ['a', 'b'], open: true, maximum_length: 9 })).toEqual({
      type: 'string',
      maxLength: 9,
      description: 'D. Any value; known: "a", "b". For others the answer has a warning.',
      examples: ['a'],
    });
  });

  it('lists a thousand values and no more', () => {
    const categories = Array.from({ length: 1_001 }, (_, index) => `w${index}`);
    expect(shown({ categories: categories.slice(1) })).toMatchObject({ enum: categories.slice(1) });
    expect(shown({ categories })).toEqual({
      type: 'string',
      description: expect.stringMatching(/^D\. One of "w0", .*"w99" and 901 more\.$/) as string,
      examples: ['a'],
    });
  });

  it('tells what records keep', () => {
    const text = { type: 'text' } as const;
    expect(shown(text, new Map([['n', 'hash']]))).toMatchObject({
      description: 'D. Records keep a keyed hash of it, not its value.',
      'x-record': 'hash',
    });
    expect(shown(text, new Map([['n', 'drop']]))).toMatchObject({
      description: 'D. Records leave it out.',
      'x-record': 'drop',
    });
  });

  it('tells how a date is written', () => {
    expect(
      shown({ type: 'datetime', observed: { minimum: '2020-01-01', maximum: '2021-01-01' } }),
    ).toMatchObject({
      type: 'string',
      format: 'date-time',
      description: `D. A date, or a date and a time; without an offset it is UTC. In training: 2020-01-01 to 2021-01-01; beyond it the answer has a warning.`,
    });
  });
});
