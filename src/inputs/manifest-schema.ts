import type { InputSpec, Manifest } from '../artifacts/manifest.js';
import { type FieldSchema, type InputSchema, orNull } from './input-schema.js';

const LARGEST_FLOAT32 = 3.4028234663852886e38;
const DEFAULT_MAXIMUM_LENGTH = 10_000;

/**
 * The JSON Schema of a model's inputs as its manifest describes them: what a DTO class is compared with, and what checks
 * a model that has none. Not by a class made for the purpose: class-validator would keep that for ever.
 * Where the manifest gives no bound, numbers stay within what the tensor can hold (1e39 is Infinity in float32) and
 * integers within what JSON can carry exactly.
 */
export function manifestSchema({ inputs, tensors }: Manifest): InputSchema {
  const isFloat32 = tensors.inputs.some(({ datatype }) => datatype === 'FP32');
  return {
    type: 'object',
    additionalProperties: false,
    required: inputs.filter((input) => !isOptional(input)).map(({ name }) => name),
    properties: Object.fromEntries(inputs.map((input) => [input.name, fieldSchema(input, isFloat32)])),
  };
}

const isNumeric = ({ type }: InputSpec): boolean => type === 'number' || type === 'integer';

/** A missing number is a value of its own; for a text or a category `nullable` says nothing yet. */
const isOptional = (input: InputSpec): boolean => isNumeric(input) && (input.nullable ?? false);

function fieldSchema(input: InputSpec, isFloat32: boolean): FieldSchema {
  const { description, example, unit } = input;
  const rules = ruleSchema(input, isFloat32);
  return {
    ...(isOptional(input) ? orNull(rules) : rules),
    description,
    examples: [example],
    ...(unit !== undefined && { 'x-unit': unit }),
  };
}

function ruleSchema(input: InputSpec, isFloat32: boolean): FieldSchema {
  const { type, minimum, maximum, categories, maximum_length } = input;
  switch (type) {
    case 'number':
    case 'integer': {
      const limit = type === 'integer' ? Number.MAX_SAFE_INTEGER : isFloat32 ? LARGEST_FLOAT32 : undefined;
      const least = minimum ?? (limit && -limit);
      const most = maximum ?? limit;
      return {
        type,
        ...(least !== undefined && { minimum: least }),
        ...(most !== undefined && { maximum: most }),
      };
    }
    case 'category':
      return { enum: categories ?? [] };
    case 'text':
      return { type: 'string', maxLength: maximum_length ?? DEFAULT_MAXIMUM_LENGTH };
    default: {
      const never: never = type;
      throw new TypeError(`unknown input type ${String(never)}`);
    }
  }
}
