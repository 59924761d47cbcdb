import type { InputSpec } from '../artifacts/manifest.js';
import type { FieldSchema, InputSchema } from '../inputs/input-schema.js';
import type { SchemaObject } from './openapi-types.js';

/**
 * The schema of a model's inputs, for readers: categories have a type, and units and training ranges stand in the
 * description.
 */
export function shownInput(schema: InputSchema, inputs: readonly InputSpec[]): SchemaObject {
  const specs = new Map(inputs.map((input) => [input.name, input]));
  const properties = Object.entries(schema.properties).map(([name, field]) => [
    name,
    shownField(field, specs.get(name)),
  ]);
  return { ...schema, properties: Object.fromEntries(properties) as object } as SchemaObject;
}

function shownField(field: FieldSchema, spec: InputSpec | undefined): object {
  const { type = typesOf(field), description, ...rest } = field;
  const { observed } = spec ?? {};
  const unit = field['x-unit'];
  const sentences = [
    description,
    unit && `Unit: ${unit}.`,
    observed &&
      `In training: ${observed.minimum} to ${observed.maximum}; beyond it the answer has a warning.`,
  ];
  return {
    type,
    ...rest,
    description: sentences.filter(Boolean).join(' '),
    ...(observed && { 'x-training-range': observed }),
  };
}

/** Of the values in a list, of which JSON Schema asks no type. */
function typesOf({ enum: options = [] }: FieldSchema): string | string[] {
  const types = [...new Set(options.map((option) => (option === null ? 'null' : typeof option)))];
  return types.length === 1 ? types[0]! : types;
}
