import type { InputSpec } from '../artifacts/manifest.js';
import { type HiddenInputs, NONE_HIDDEN } from '../inputs/hidden-inputs.js';
import type { FieldSchema, InputSchema } from '../inputs/input-schema.js';
import type { SchemaObject } from './openapi-types.js';

/** More values than these say nothing to a reader; what is taken says the check. */
const MOST_VALUES = 1_000;
const VALUES_TOLD = 100;
const RECORDED = {
  hash: 'Records keep a keyed hash of it, not its value.',
  drop: 'Records leave it out.',
} as const;

/**
 * The schema of a model's inputs, for readers: categories have a type, and units, training ranges and what records keep
 * stand in the description.
 */
export function shownInput(
  schema: InputSchema,
  inputs: readonly InputSpec[],
  hidden: HiddenInputs = NONE_HIDDEN,
): SchemaObject {
  const specs = new Map(inputs.map((input) => [input.name, input]));
  const properties = Object.entries(schema.properties).map(([name, field]) => [
    name,
    shownField(field, specs.get(name), hidden.get(name)),
  ]);
  return { ...schema, properties: Object.fromEntries(properties) as object } as SchemaObject;
}

function shownField(
  field: FieldSchema,
  spec: InputSpec | undefined,
  record: 'hash' | 'drop' | undefined,
): object {
  const { type = typesOf(field), description, enum: options, ...rest } = field;
  const { observed, open, categories = [] } = spec ?? {};
  const isListed = options !== undefined && options.length <= MOST_VALUES;
  const unit = field['x-unit'];
  const sentences = [
    description,
    unit && `Unit: ${unit}.`,
    field.format && 'A date, or a date and a time; without an offset it is UTC.',
    options && !isListed && `One of ${told(options)}.`,
    open && `Any value; known: ${told(categories)}. For others the answer has a warning.`,
    observed &&
      !open &&
      `In training: ${observed.minimum} to ${observed.maximum}; beyond it the answer has a warning.`,
    record && RECORDED[record],
  ];
  return {
    type,
    ...(isListed && { enum: options }),
    ...rest,
    description: sentences.filter(Boolean).join(' '),
    ...(observed && !open && { 'x-training-range': observed }),
    ...(record && { 'x-record': record }),
  };
}

function told(values: readonly unknown[]): string {
  const first = values.slice(0, VALUES_TOLD).map((value) => JSON.stringify(value));
  const more = values.length - first.length;
  return first.join(', ') + (more > 0 ? ` and ${more.toLocaleString('en')} more` : '');
}

/** Of the values in a list, of which JSON Schema asks no type. */
function typesOf({ enum: options = [] }: FieldSchema): string | string[] {
  const types = [...new Set(options.map((option) => (option === null ? 'null' : typeof option)))];
  return types.length === 1 ? types[0]! : types;
}
