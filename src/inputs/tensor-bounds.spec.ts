import { InputCheck } from './input-check.js';
import type { FieldSchema } from './input-schema.js';
import { withinTensors } from './tensor-bounds.js';

/** Whether a row with `n` is taken for a graph of `datatype`. */
function isTaken(n: unknown, field: FieldSchema, datatype: 'FP32' | 'FP64'): boolean {
  const schema = {
    type: 'object',
    additionalProperties: false,
    required: ['n'],
    properties: { n: field },
  } as const;
  const tensors = [{ name: 'x', datatype, shape: [-1, 1] }];
  return new InputCheck(schema, withinTensors(schema, tensors)).isRow({ n });
}

describe(withinTensors.name, () => {
  it.each<[FieldSchema, 'FP32' | 'FP64', number, number]>([
    [{ type: 'number' }, 'FP32', 3.4e38, 1e39],
    [{ type: ['number', 'null'] }, 'FP32', 3.4e38, 1e39],
    [{ type: 'number', minimum: -1e300, maximum: 1e300 }, 'FP32', 3.4e38, 1e39],
    [{ type: 'number', minimum: -5, maximum: 5 }, 'FP32', 5, 6],
    [{ type: 'number', minimum: -5, maximum: 5 }, 'FP64', 5, 6],
    [{ type: 'integer' }, 'FP64', Number.MAX_SAFE_INTEGER, 2 ** 53],
    [{ type: ['integer', 'null'] }, 'FP32', Number.MAX_SAFE_INTEGER, 2 ** 53],
  ])('takes of %j for %s numbers up to %d and not %d', (field, datatype, legal, illegal) => {
    expect([legal, -legal].map((n) => isTaken(n, field, datatype))).toEqual([true, true]);
    expect([illegal, -illegal].map((n) => isTaken(n, field, datatype))).toEqual([false, false]);
  });

  it('leaves float64, texts and categories as they are', () => {
    expect(isTaken(1.7e308, { type: 'number' }, 'FP64')).toBe(true);
    expect(isTaken('a', { type: 'string', maxLength: 5 }, 'FP32')).toBe(true);
    expect(isTaken('a', { enum: ['a', 'b'] }, 'FP32')).toBe(true);
    expect(isTaken(null, { type: ['number', 'null'] }, 'FP32')).toBe(true);
  });
});
