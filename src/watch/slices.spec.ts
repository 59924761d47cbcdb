import type { InputSpec } from '../artifacts/manifest.js';
import { slicesOf } from './slices.js';

const input = (name: string, type: InputSpec['type']): InputSpec => ({
  name,
  type,
  description: '',
  example: null,
});

describe(slicesOf.name, () => {
  it('names values, and quarters of the rows that are compared', () => {
    const inputs = [
      input('salary', 'category'),
      input('hours', 'integer'),
      input('note', 'text'),
      input('on', 'datetime'),
    ];
    const rows = Array.from({ length: 9 }, (_, place) => ({
      salary: place % 2 === 0 ? 'low' : null,
      hours: 10 * place,
      note: `text ${place}`,
      on: '2026-11-27T08:00:00Z',
    }));
    expect(slicesOf(inputs, rows)).toEqual([
      ['salary = low', 'hours ≤ 20'],
      ['salary is missing', 'hours ≤ 20'],
      ['salary = low', 'hours ≤ 20'],
      ['salary is missing', '20 < hours ≤ 40'],
      ['salary = low', '20 < hours ≤ 40'],
      ['salary is missing', '40 < hours ≤ 60'],
      ['salary = low', '40 < hours ≤ 60'],
      ['salary is missing', 'hours > 60'],
      ['salary = low', 'hours > 60'],
    ]);
  });

  it('has fewer parts where many rows have one number, and cuts long names', () => {
    const inputs = [input('flag', 'number'), input('word', 'category')];
    const rows = [0, 0, 0, 0, 0, 0, 0, 1, undefined].map((flag) => ({ flag, word: 'x'.repeat(500) }));
    const found = slicesOf(inputs, rows);
    expect(new Set(found.map(([flag]) => flag))).toEqual(
      new Set(['flag ≤ 0', 'flag > 0', 'flag is missing']),
    );
    expect(found[0]![1]).toHaveLength(80);
  });

  it('takes rows that have none of the numbers', () => {
    expect(slicesOf([input('a', 'number')], [{ a: null }, {}])).toEqual([['a is missing'], ['a is missing']]);
  });
});
