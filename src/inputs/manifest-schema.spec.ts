import type { InputSpec, Manifest } from '../artifacts/manifest.js';
import * as definitions from '../models/definitions.js';
import { readFileSync } from 'node:fs';
import { inputSchema, schemaDifferences } from './input-schema.js';
import { manifestSchema } from './manifest-schema.js';

const number: InputSpec = { name: 'n', type: 'number', description: 'd', example: 1 };

describe(manifestSchema.name, () => {
  it.each(Object.values(definitions))('takes what the DTO of $name takes', ({ name, input }) => {
    const path = new URL(`../../artifacts/${name}/1/manifest.json`, import.meta.url);
    const schema = manifestSchema(JSON.parse(readFileSync(path, 'utf8')) as Manifest);

    expect(schemaDifferences(inputSchema(input), schema)).toEqual([]);
    expect(Object.keys(schema.properties)).toEqual(Object.keys(inputSchema(input).properties));
  });

  it.each<[Partial<InputSpec>, object]>([
    [{}, { type: 'number' }],
    [{ minimum: 0 }, { type: 'number', minimum: 0 }],
    [
      { type: 'integer', maximum: 9 },
      { type: 'integer', maximum: 9 },
    ],
    [{ nullable: true }, { type: ['number', 'null'] }],
    [{ type: 'category', categories: ['a', 'b'] }, { enum: ['a', 'b'] }],
    [{ type: 'category', categories: ['a'], nullable: true }, { enum: ['a', null] }],
    [
      { type: 'category', categories: ['a'], open: true },
      { type: 'string', maxLength: 10_000 },
    ],
    [
      { type: 'category', categories: ['a'], open: true, nullable: true, maximum_length: 9 },
      { type: ['string', 'null'], maxLength: 9 },
    ],
    [{ type: 'integer', categories: [1, 2] }, { enum: [1, 2] }],
    [
      { type: 'integer', categories: [1, 2], open: true, minimum: 0 },
      { type: 'integer', minimum: 0 },
    ],
    [{ type: 'boolean' }, { type: 'boolean' }],
    [{ type: 'boolean', nullable: true }, { type: ['boolean', 'null'] }],
    [{ type: 'datetime' }, { type: 'string', format: 'date-time' }],
    [{ type: 'text' }, { type: 'string', maxLength: 10_000 }],
    [
      { type: 'text', maximum_length: 5 },
      { type: 'string', maxLength: 5 },
    ],
    [{ unit: 'cm' }, { type: 'number', 'x-unit': 'cm' }],
  ])('reads %j', (spec, expected) => {
    const { properties, required } = manifestSchema({ inputs: [{ ...number, ...spec }] });
    expect(properties).toEqual({ n: { ...expected, description: 'd', examples: [1] } });
    expect(required).toEqual(spec.nullable === true ? [] : ['n']);
  });
});
