import type { InputSpec, Manifest } from '../artifacts/manifest.js';
import { CategoryInput, IntegerInput, type InputNotes, NumberInput, TextInput } from './input-decorators.js';
import type { InputClass } from './input-schema.js';

const LARGEST_FLOAT32 = 3.4028234663852886e38;
const DEFAULT_MAXIMUM_LENGTH = 10_000;

/**
 * The DTO class of a model, made from its manifest by the same decorators that a hand-written one carries.
 * Where the manifest gives no bound, the numbers stay within what the tensor can hold (1e39 is Infinity in float32)
 * and integers within what JSON can carry exactly.
 */
export function manifestInput({ model, inputs, tensors }: Manifest): InputClass {
  const made = { [model]: class {} }[model] as InputClass;
  const isFloat32 = tensors.inputs.some(({ datatype }) => datatype === 'FP32');
  for (const input of inputs) decorator(input, isFloat32)(made.prototype as object, input.name);
  return made;
}

function decorator(input: InputSpec, isFloat32: boolean): PropertyDecorator {
  const { type, description, example, unit, minimum, maximum, nullable, categories, maximum_length } = input;
  const notes: InputNotes = { description, example, ...(unit !== undefined && { unit }) };
  const limit = type === 'integer' ? Number.MAX_SAFE_INTEGER : isFloat32 ? LARGEST_FLOAT32 : undefined;
  const least = minimum ?? (limit && -limit);
  const most = maximum ?? limit;
  const rules = {
    ...notes,
    ...(least !== undefined && { minimum: least }),
    ...(most !== undefined && { maximum: most }),
    nullable: nullable ?? false,
  };
  switch (type) {
    case 'number':
      return NumberInput(rules);
    case 'integer':
      return IntegerInput(rules);
    case 'category':
      return CategoryInput({ ...notes, categories: categories ?? [] });
    case 'text':
      return TextInput({ ...notes, maximumLength: maximum_length ?? DEFAULT_MAXIMUM_LENGTH });
    default: {
      const never: never = type;
      throw new TypeError(`unknown input type ${String(never)}`);
    }
  }
}
