import { columnsForm, rowsForm } from '../inputs/body-form.js';
import type { InputSchema } from '../inputs/input-schema.js';
import { surplusOf } from './json-census.js';

const ROW = { age: 41, größe: 1.5, note: 'a, "b": {[' };
const schema: InputSchema = {
  type: 'object',
  additionalProperties: false,
  required: [],
  properties: Object.fromEntries(Object.keys(ROW).map((name) => [name, { type: 'number' }])),
};
const form = rowsForm(schema, 10_000);
const surplus = (text: string, of = form): string | undefined => surplusOf(Buffer.from(text), of);
const of = (rows: readonly unknown[]): string => JSON.stringify({ instances: rows });
const many = <T>(part: (index: number) => T, count = 10_000): T[] =>
  Array.from({ length: count }, (_, index) => part(index));
const ascii = (text: string): string =>
  text.replaceAll(/[^ -~]/g, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`);

describe(surplusOf.name, () => {
  it.each([
    ['rows', of(many(() => ROW))],
    ['printed rows', JSON.stringify({ instances: many(() => ROW) }, undefined, 2)],
    ['rows of a client that escapes other letters', ascii(of(many(() => ROW)))],
    ['as many rows as are told by their number', of(many(() => ROW, 15_000))],
    ['rows in any order', of(many((index) => (index % 2 ? { note: '', age: 1 } : { age: 1, note: '' })))],
    ['a misspelt field in each', of(many(() => ({ ...ROW, years: 1 })))],
    ['no JSON', 'x '.repeat(1_000_000)],
    ['nothing', ' '.repeat(1_000_000)],
    ['texts full of signs', of(many(() => ({ note: '{"a":[1,2]},'.repeat(20) })))],
  ])('lets through what may be legal, or is cheap: %s', (_, text) => {
    expect(surplus(text)).toBeUndefined();
  });

  it('lets through columns', () => {
    const text = JSON.stringify({ ref: many((index) => `r${index}`), text: many(() => 'a') });
    expect(surplus(text, columnsForm(['ref', 'text'], 10_000))).toBeUndefined();
  });

  it.each([
    ['containers', '['.repeat(500_000) + ']'.repeat(500_000)],
    ['containers', of(many(() => [], 500_000))],
    ['containers', '{"age":'.repeat(100_000)],
    ['containers', of(many(() => ({}), 500_000))],
    ['items', of(many(() => 1, 500_000))],
    ['items', JSON.stringify(many((index) => index.toString(36), 200_000))],
    ['fields', `{${'"age":1,'.repeat(200_000)}"age":1}`],
    ['strays', JSON.stringify(Object.fromEntries(many((index) => [`k${index}`, 0], 100_000)))],
    ['strays', of(many((index) => Object.fromEntries(many((field) => [`k${index}-${field}`, 0], 30))))],
    ['strays', of(many((index) => ({ [`${'long'.repeat(10)}${index}`]: 0, other: 1 })))],
    ['strays', of(many(() => ({ a: 1, b: 1, c: 1 })))],
    ['strays', of(many(() => ({ a: 1, b: 1, c: 1 }))).replaceAll('":', '"  \n:')],
    ['strays', `{${many((index) => `"\\u0061\\u00${16 + (index % 80)}${index}":0`, 100_000).join()}}`],
  ])('finds too many %s', (counted, text) => {
    expect(surplus(text)).toBe(counted);
  });
});
