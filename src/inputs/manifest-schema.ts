import type { InputSpec, Manifest } from '../artifacts/manifest.js';
import { type FieldSchema, type InputSchema, orNull } from './input-schema.js';

const DEFAULT_MAXIMUM_LENGTH = 10_000;

/**
 * The JSON Schema of a model's inputs as its manifest describes them: what a DTO class is compared with, and what checks
 * a model that has none. Not by a class made for the purpose: class-validator would keep that for ever.
 * It says what people said; what a tensor can hold is added for the check alone (`tensor-bounds.ts`).
 */
export function manifestSchema({ inputs }: Pick<Manifest, 'inputs'>): InputSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: inputs.filter((input) => !isOptional(input)).map(({ name }) => name),
    properties: Object.fromEntries(inputs.map((input) => [input.name, fieldSchema(input)])),
  };
}

/** For a text `nullable` says nothing yet. */
const isOptional = ({ type, nullable }: InputSpec): boolean => type !== 'text' && (nullable ?? false);

function fieldSchema(input: InputSpec): FieldSchema {
  const { description, example, unit } = input;
  const rules = ruleSchema(input);
  return {
    ...(isOptional(input) ? orNull(rules) : rules),
    description,
    examples: [example],
    ...(unit !== undefined && { 'x-unit': unit }),
  };
}

function ruleSchema(input: InputSpec): FieldSchema {
  const { type, minimum, maximum, categories, open, maximum_length } = input;
  if (categories !== undefined && !open) return { enum: categories };
  switch (type) {
    case 'number':
    case 'integer':
      return { type, ...(minimum !== undefined && { minimum }), ...(maximum !== undefined && { maximum }) };
    case 'boolean':
      return { type };
    case 'datetime':
      return { type: 'string', format: 'date-time' };
    case 'category':
    case 'text':
      return { type: 'string', maxLength: maximum_length ?? DEFAULT_MAXIMUM_LENGTH };
    default: {
      const never: never = type;
      throw new TypeError(`unknown input type ${String(never)}`);
    }
  }
}
