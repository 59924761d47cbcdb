import type { ColumnSpec, InputSpec } from '../artifacts/manifest.js';
import type { Row } from '../inputs/input-check.js';
import { TabularEncoder } from './tabular-encoder.js';

const said = { description: 'd', example: null };
const INPUTS: readonly InputSpec[] = [
  { name: 'size', type: 'number', ...said, missing_values: [-1] },
  { name: 'town', type: 'category', ...said, categories: ['a', 'b', 'c'] },
  { name: 'rooms', type: 'integer', ...said, missing_values: [99] },
  { name: 'is_new', type: 'boolean', ...said },
  { name: 'when', type: 'datetime', ...said },
  { name: 'street', type: 'category', ...said, categories: ['a'], open: true, nullable: true },
];

function encoder(columns: readonly Omit<ColumnSpec, 'name'>[], datatype: 'FP64' | 'FP32' = 'FP64') {
  const named = columns.map((column, index) => ({ ...column, name: `c${index}` }));
  const inputs = [{ name: 'x', datatype, shape: [-1, columns.length] }] as const;
  return new TabularEncoder(INPUTS, { encoder: 'tabular', columns: named }, { inputs, outputs: [] });
}

/** The tensor's rows. */
function encoded(columns: readonly Omit<ColumnSpec, 'name'>[], rows: readonly Row[]): number[][] {
  const [{ data, dims }] = encoder(columns).encode(rows) as [{ data: Float64Array; dims: number[] }];
  expect(dims).toEqual([rows.length, columns.length]);
  return rows.map((_, index) => [...data.subarray(index * columns.length, (index + 1) * columns.length)]);
}

describe(TabularEncoder.name, () => {
  it('takes numbers as they are, and missing ones as NaN', () => {
    const rows = [{ size: 1.5 }, { size: -1 }, { size: null }, {}];
    expect(encoded([{ input: 'size' }], rows)).toEqual([[1.5], [NaN], [NaN], [NaN]]);
  });

  it('takes tables of one word for one-hot, in the order of the columns', () => {
    const columns = [
      { input: 'town', table: { b: 1 } },
      { input: 'size' },
      { input: 'town', table: { a: 1, c: 0 } },
    ];
    const rows = [
      { town: 'a', size: 2 },
      { town: 'b', size: 3 },
      { town: 'c', size: 4 },
    ];
    expect(encoded(columns, rows)).toEqual([
      [0, 2, 1],
      [1, 3, 0],
      [0, 4, 0],
    ]);
  });

  it('has for unknown and missing values what each table says', () => {
    const columns: readonly Omit<ColumnSpec, 'name'>[] = [
      { input: 'town', table: { a: 0, b: 1 }, unknown: -1, missing: null },
      { input: 'town', table: { a: 0.25, b: null }, unknown: 0.5, missing: 7 },
      { input: 'town', table: {}, missing: 1 },
      { input: 'town', table: { a: 1 }, unknown: 1 },
    ];
    expect(
      encoded(columns, [{ town: 'a' }, { town: 'b' }, { town: 'Atlantis' }, { town: null }, {}]),
    ).toEqual([
      [0, 0.25, 0, 1],
      [1, NaN, 0, 1],
      [-1, 0.5, 0, 1],
      [NaN, 7, 1, 0],
      [NaN, 7, 1, 0],
    ]);
  });

  it('takes numbers for keys, and those that mean missing for missing', () => {
    const columns = [{ input: 'rooms', table: { '1': 10, '2.0': 20, '-3': 30 }, unknown: -1, missing: 5 }];
    const rows = [1, 2, -3, 4, 99, null].map((rooms) => ({ rooms }));
    expect(encoded(columns, rows).flat()).toEqual([10, 20, 30, -1, 5, 5]);
  });

  it('takes truth values as 1 and 0, dates and times as seconds since 1970', () => {
    const columns = [{ input: 'is_new' }, { input: 'when' }, { input: 'is_new', table: { true: 5 } }];
    const rows = [
      { is_new: true, when: '1970-01-02' },
      { is_new: false, when: '1970-01-01T00:00:01.5+01:00' },
      { is_new: null, when: null },
    ];
    expect(encoded(columns, rows)).toEqual([
      [1, 86_400, 5],
      [0, -3_598.5, 0],
      [NaN, NaN, 0],
    ]);
  });

  it('lets two columns have a 1 for the same value', () => {
    const columns = [
      { input: 'town', table: { a: 1, b: 1 } },
      { input: 'town', table: { b: 1 } },
    ];
    expect(encoded(columns, [{ town: 'a' }, { town: 'b' }])).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });

  it('knows no word by the names that every object has', () => {
    const columns = [{ input: 'town', table: { a: 1 }, unknown: -1 }];
    expect(encoded(columns, [{ town: 'constructor' }, { town: '__proto__' }])).toEqual([[-1], [-1]]);
  });

  it('rounds to the tensor', () => {
    const [tensor] = encoder([{ input: 'town', table: { a: 0.1 } }], 'FP32').encode([{ town: 'a' }]);
    expect(tensor?.data).toEqual(new Float32Array([0.1]));
  });

  it.each<[string, Omit<ColumnSpec, 'name'>]>([
    ['"town" is of type category and needs a table from its values to numbers', { input: 'town' }],
    ['"many" is no value of "rooms", which is of type integer', { input: 'rooms', table: { many: 1 } }],
    ['"true" is no value of "size", which is of type number', { input: 'size', table: { true: 1 } }],
    ['"1" is no value of "is_new", which is of type boolean', { input: 'is_new', table: { '1': 1 } }],
    [
      '"street" is open, but a table of it has no "unknown"',
      { input: 'street', table: { a: 1 }, missing: 0 },
    ],
    ['"street" is nullable, but a table of it has no "missing"', { input: 'street', table: {}, unknown: 0 }],
  ])('refuses a column: %s', (reason, column) => {
    expect(() => encoder([column])).toThrow(reason);
  });
});
