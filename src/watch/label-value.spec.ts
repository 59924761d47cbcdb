import { checkedValue } from './label-value.js';

const SPECIES = [
  { value: 0, label: 'setosa' },
  { value: 'b', label: 'other' },
];
const detailOf = (checked: ReturnType<typeof checkedValue>): string =>
  'fault' in checked ? `${checked.fault.code}: ${checked.fault.detail}` : 'taken';

describe(checkedValue.name, () => {
  it('takes the value of a class, as it is or as it stands in a table', () => {
    const manifest = { classes: SPECIES };
    expect(checkedValue(manifest, 0, 'b')).toEqual({ value: 'b' });
    expect(checkedValue(manifest, 0, '0', true)).toEqual({ value: 0 });
    expect(detailOf(checkedValue(manifest, 0, '0'))).toBe('not_a_class: must be one of 0, "b"; got "0"');
    expect(detailOf(checkedValue(manifest, 0, 'other'))).toBe(
      'not_a_class: must be the value of that class, "b"; got "other"',
    );
    const many = Array.from({ length: 30 }, (_, value) => ({ value, label: `class ${value}` }));
    expect(detailOf(checkedValue({ classes: many }, 0, 99))).toMatch(/18, 19, …; got 99$/);
  });

  it('takes a number where there are no classes', () => {
    for (const text of ['7', '-7.5', '+.5', '7.', '1e-3'])
      expect(checkedValue({}, 1, text, true), text).toEqual({ value: Number(text) });
    for (const text of ['', 'seven', '0x10', 'NaN', 'Infinity', '1e999'])
      expect(detailOf(checkedValue({}, 1, text, true)), text).toMatch(
        /^not_a_number: must be a number; got "/,
      );
    for (const value of [true, null, '7', {}, Number.POSITIVE_INFINITY])
      expect(detailOf(checkedValue({}, 1, value))).toMatch(/^not_a_number/);
  });

  it('takes of several targets a value each', () => {
    const manifest = { targets: [{ name: 'species', classes: SPECIES }, { name: 'age' }] };
    const value = { age: 3.5, species: 0 };
    expect(checkedValue(manifest, {}, value)).toEqual({ value: { species: 0, age: 3.5 } });
    expect(checkedValue(manifest, {}, JSON.stringify(value), true)).toEqual({ value });
    const each = 'not_a_class: must be an object with a value for each of species, age';
    for (const other of [0, null, 'x', { species: 0 }, { ...value, more: 1 }])
      expect(detailOf(checkedValue(manifest, {}, other))).toBe(each);
    expect(detailOf(checkedValue(manifest, {}, { species: 0, age: 'old' }))).toBe(
      'not_a_number: age: must be a number; got "old"',
    );
  });

  it('compares with the kind of the prediction where the version is gone', () => {
    expect(checkedValue(undefined, 1, 5)).toEqual({ value: 5 });
    expect(checkedValue(undefined, 'yes', 'no')).toEqual({ value: 'no' });
    expect(detailOf(checkedValue(undefined, 'yes', 5))).toMatch(/^not_a_class: must be a text/);
    expect(checkedValue(undefined, { a: 1, b: 'x' }, { a: 2, b: 'y' })).toEqual({ value: { a: 2, b: 'y' } });
  });
});
