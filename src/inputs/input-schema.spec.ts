import { IsArray, IsIn, IsOptional, IsString } from 'class-validator';
import {
  BooleanInput,
  CategoryInput,
  DateTimeInput,
  IntegerInput,
  NumberInput,
  TextInput,
} from './input-decorators.js';
import { inputSchema, schemaDifferences } from './input-schema.js';

class Sample {
  @NumberInput({ description: 'd', example: 1.5, unit: 'cm', minimum: 0, maximum: 10 })
  length!: number;

  @IntegerInput({ description: 'd', example: null, nullable: true })
  count?: number | null;

  @CategoryInput({ description: 'd', example: 'a', categories: ['a', 'b'] })
  kind!: string;

  @TextInput({ description: 'd', example: 'x', maximumLength: 5 })
  text!: string;
}

describe(inputSchema.name, () => {
  it('is one closed JSON Schema of rules and notes, in order of declaration', () => {
    const schema = inputSchema(Sample);

    expect(Object.keys(schema.properties)).toEqual(['length', 'count', 'kind', 'text']);
    expect(schema).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['length', 'kind', 'text'],
      properties: {
        length: {
          type: 'number',
          minimum: 0,
          maximum: 10,
          description: 'd',
          examples: [1.5],
          'x-unit': 'cm',
        },
        count: { type: ['integer', 'null'], examples: [null] },
        kind: { enum: ['a', 'b'], examples: ['a'] },
        text: { type: 'string', maxLength: 5 },
      },
    });
  });

  it('knows truth values, dates, and categories that may be missing', () => {
    class Visit {
      @BooleanInput({ description: 'd', example: true })
      first!: boolean;

      @DateTimeInput({ description: 'd', example: '2026-01-31', nullable: true })
      when?: string | null;

      @CategoryInput({ description: 'd', example: 2, categories: [1, 2], nullable: true })
      floor?: number | null;

      @TextInput({ description: 'd', example: 'x', maximumLength: 5, nullable: true })
      town?: string | null;
    }

    expect(inputSchema(Visit)).toMatchObject({
      required: ['first'],
      properties: {
        first: { type: 'boolean' },
        when: { type: ['string', 'null'], format: 'date-time' },
        floor: { enum: [1, 2, null] },
        town: { type: ['string', 'null'], maxLength: 5 },
      },
    });
  });

  it('refuses a rule that it cannot translate, by name', () => {
    class WithList {
      @IsArray()
      rows!: unknown[];
    }

    expect(() => inputSchema(WithList)).toThrow('WithList.rows: the rule isArray has no JSON Schema');
  });

  it('refuses a rule for each element, which would else be taken for one of the whole', () => {
    class WithEach {
      @IsString({ each: true })
      words!: string[];
    }

    expect(() => inputSchema(WithEach)).toThrow(/WithEach\.words/);
  });

  it('refuses a class without rules', () => {
    expect(() => inputSchema(class Bare {})).toThrow('Bare has no validation rules');
  });

  it('keeps two classes of one name apart, and lets an optional list take null', () => {
    const make = (values: string[]): abstract new () => object => {
      class Same {
        @IsIn(values)
        @IsOptional()
        value?: string;
      }
      return Same;
    };

    const schemas = [make(['a']), make(['b'])].map((dto) => inputSchema(dto).properties['value']?.enum);
    expect(schemas).toEqual([
      ['a', null],
      ['b', null],
    ]);
  });
});

describe(schemaDifferences.name, () => {
  const schema = inputSchema(Sample);
  const field = (name: string, change: object): typeof schema => ({
    ...schema,
    properties: { ...schema.properties, [name]: { ...schema.properties[name], ...change } },
  });

  it('finds none where only words differ', () => {
    expect(schemaDifferences(schema, field('length', { description: 'other', examples: [2] }))).toEqual([]);
  });

  it('does not ask for the order of categories', () => {
    expect(schemaDifferences(schema, field('kind', { enum: ['b', 'a'] }))).toEqual([]);
  });

  it.each([
    ['length', { maximum: 11 }, '"length": maximum is 10 in the DTO, 11 in the manifest'],
    ['kind', { enum: ['a'] }, '"kind": enum is ["a","b"] in the DTO, ["a"] in the manifest'],
    ['length', { type: 'integer' }, '"length": type is "number" in the DTO, "integer" in the manifest'],
    ['other', { type: 'number' }, '"other" stands in the manifest but not in the DTO'],
  ])('names what differs in %s: %j', (name, change, text) => {
    expect(schemaDifferences(schema, field(name, change))).toEqual([text]);
  });

  it('lets a DTO list the words where the manifest takes any text, and not the other way round', () => {
    const open = field('kind', { enum: undefined, type: 'string', maxLength: 100 });
    expect(schemaDifferences(schema, open)).toEqual([]);
    expect(schemaDifferences(open, schema)).not.toEqual([]);
    expect(schemaDifferences(schema, field('kind', { enum: undefined, type: 'integer' }))).not.toEqual([]);
  });

  it('names a field that is required in one of them only', () => {
    expect(schemaDifferences(schema, { ...schema, required: ['length', 'kind'] })).toEqual([
      '"text" is required in one of DTO and manifest only',
    ]);
  });
});
