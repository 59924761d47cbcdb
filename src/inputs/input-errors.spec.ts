import { InputCheck } from './input-check.js';
import type { FieldSchema } from './input-schema.js';

/** What the caller hears of a row with this value. */
function said(field: FieldSchema, value: unknown): readonly object[] {
  const schema = {
    type: 'object',
    additionalProperties: false,
    required: ['n'],
    properties: { n: field },
  } as const;
  const check = new InputCheck(schema);
  return check.isRow({ n: value }) ? [] : check.faults([{ n: value }], (fault) => fault).errors;
}

describe('the fault of a field', () => {
  it('lists no more than ten of the values that may stand there', () => {
    const words = Array.from({ length: 2_000 }, (_, index) => `word ${index}`);
    const [fault] = said({ enum: words }, 'other') as { detail: string }[];
    expect(fault?.detail).toBe(
      `must be one of ${words
        .slice(0, 10)
        .map((word) => `"${word}"`)
        .join(', ')} and 1,990 more; got "other"`,
    );
    expect(said({ enum: ['a', 'b', null] }, 'c')).toMatchObject([
      { code: 'category', detail: 'must be one of "a", "b", null; got "c"' },
    ]);
  });

  it('names a truth value', () => {
    expect(said({ type: 'boolean' }, 1)).toMatchObject([
      { code: 'type', detail: 'must be true or false; got 1' },
    ]);
    expect(said({ type: 'boolean' }, false)).toEqual([]);
  });

  it('shows how a date is written', () => {
    expect(said({ type: 'string', format: 'date-time' }, '31.01.2026')).toMatchObject([
      {
        code: 'date_time',
        detail:
          'must be a date or a date and time such as "2026-01-31" or "2026-01-31T12:30:00Z"; got "31.01.2026"',
      },
    ]);
    expect(said({ type: ['string', 'null'], format: 'date-time' }, null)).toEqual([]);
  });
});

describe('the fault of a hidden input', () => {
  const schema = {
    type: 'object',
    additionalProperties: false,
    required: [],
    properties: {
      'a/b': { type: 'number', minimum: 0 },
      word: { enum: ['x'] },
      day: { type: 'string', format: 'date-time' },
      open: { type: 'number' },
    },
  } as const;
  const check = new InputCheck(schema, schema, new Map(['a/b', 'word', 'day'].map((name) => [name, 'hash'])));
  const details = (row: unknown): string[] =>
    check.faults([row], (fault) => fault).errors.map(({ pointer, detail }) => `${pointer}: ${detail}`);

  it('does not repeat its value, and does that of others', () => {
    expect(details({ 'a/b': 'Ada', word: 'Ada', day: 'Ada', open: 'Bob' })).toEqual([
      '/a~1b: must be a number',
      '/word: must be one of "x"',
      '/day: must be a date or a date and time such as "2026-01-31" or "2026-01-31T12:30:00Z"',
      '/open: must be a number; got "Bob"',
    ]);
    expect(details({ 'a/b': -71 })).toEqual(['/a~1b: must be at least 0']);
  });

  it('nor what stands in the place of the whole row', () => {
    expect(details('Ada')).toEqual([': must be a JSON object with the inputs of the model']);
  });
});
