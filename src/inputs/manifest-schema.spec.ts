import type { InputSpec, Manifest } from '../artifacts/manifest.js';
import * as definitions from '../models/definitions.js';
import { readFileSync } from 'node:fs';
import { inputSchema, schemaDifferences } from './input-schema.js';
import { manifestSchema } from './manifest-schema.js';

const manifestOf = (inputs: readonly InputSpec[], datatype = 'FP64'): Manifest =>
  ({ inputs, tensors: { inputs: [{ name: 'x', datatype, shape: [-1, 1] }], outputs: [] } }) as never;
const number: InputSpec = { name: 'n', type: 'number', description: 'd', example: 1 };

describe(manifestSchema.name, () => {
  it.each(Object.values(definitions))('takes what the DTO of $name takes', ({ name, input }) => {
    const path = new URL(`../../artifacts/${name}/1/manifest.json`, import.meta.url);
    const schema = manifestSchema(JSON.parse(readFileSync(path, 'utf8')) as Manifest);

    expect(schemaDifferences(inputSchema(input), schema)).toEqual([]);
    expect(Object.keys(schema.properties)).toEqual(Object.keys(inputSchema(input).properties));
  });

  it.each<[Partial<InputSpec>, string, object]>([
    [{}, 'FP64', { type: 'number' }],
    [{}, 'FP32', { type: 'number', minimum: -3.4028234663852886e38, maximum: 3.4028234663852886e38 }],
    [{ minimum: 0 }, 'FP64', { type: 'number', minimum: 0 }],
    [
      { type: 'integer', maximum: 9 },
      'FP64',
      { type: 'integer', minimum: -Number.MAX_SAFE_INTEGER, maximum: 9 },
    ],
    [{ nullable: true }, 'FP64', { type: ['number', 'null'] }],
    [{ type: 'category', categories: ['a', 'b'] }, 'FP64', { enum: ['a', 'b'] }],
    [{ type: 'text' }, 'INT64', { type: 'string', maxLength: 10_000 }],
    [{ type: 'text', maximum_length: 5 }, 'INT64', { type: 'string', maxLength: 5 }],
    [{ unit: 'cm' }, 'FP64', { type: 'number', 'x-unit': 'cm' }],
  ])('reads %j of a %s tensor', (spec, datatype, expected) => {
    const { properties, required } = manifestSchema(manifestOf([{ ...number, ...spec }], datatype));
    expect(properties).toEqual({ n: { ...expected, description: 'd', examples: [1] } });
    expect(required).toEqual(spec.nullable === true ? [] : ['n']);
  });
});
