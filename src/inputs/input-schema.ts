import { getMetadataStorage } from 'class-validator/cjs/metadata/MetadataStorage.js';
import type { ValidationMetadata } from 'class-validator/types/metadata/ValidationMetadata.js';
import { inputNotes } from './input-decorators.js';

export type InputClass = abstract new () => object;

/** JSON Schema (2020-12) of one field. `x-unit` is ours; the rest goes to Ajv and into OpenAPI as it stands. */
export interface FieldSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly format?: 'date-time';
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly 'x-unit'?: string;
}

export interface InputSchema {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, FieldSchema>>;
}

/** How each class-validator rule reads in JSON Schema; a rule that is not here stops the start. */
const RULES: Readonly<Record<string, (constraints: readonly unknown[]) => FieldSchema>> = {
  isNumber: () => ({ type: 'number' }),
  isInt: () => ({ type: 'integer' }),
  isBoolean: () => ({ type: 'boolean' }),
  isIso8601: () => ({ type: 'string', format: 'date-time' }),
  isString: () => ({ type: 'string' }),
  isIn: ([values]) => ({ enum: values as unknown[] }),
  min: ([minimum]) => ({ minimum: minimum as number }),
  max: ([maximum]) => ({ maximum: maximum as number }),
  maxLength: ([maxLength]) => ({ maxLength: maxLength as number }),
};
const OPTIONAL = 'isOptional';

/**
 * The one JSON Schema of a DTO class, from its class-validator rules and its notes, for the compiled check and for
 * OpenAPI alike. Fields stand in the order of their declaration.
 * @throws TypeError for a class without rules, or a rule that has no translation.
 */
export function inputSchema(dto: InputClass): InputSchema {
  const storage = getMetadataStorage();
  const rules = storage.getTargetValidationMetadatas(dto, '', false, false);
  if (rules.length === 0) throw new TypeError(`${dto.name} has no validation rules`);
  // Not class-validator's own grouping, which fails for a field named like a method of every object ("constructor").
  const fields = [...Map.groupBy(rules, ({ propertyName }) => propertyName)];
  return {
    type: 'object',
    additionalProperties: false,
    required: fields.filter(([, of]) => !of.some(isOptional)).map(([name]) => name),
    properties: Object.fromEntries(fields.map(([name, of]) => [name, fieldSchema(dto, name, of)])),
  };
}

const isOptional = ({ name }: ValidationMetadata): boolean => name === OPTIONAL;

function fieldSchema(dto: InputClass, field: string, rules: readonly ValidationMetadata[]): FieldSchema {
  const parts = rules
    .filter((rule) => !isOptional(rule))
    .map(({ name, constraints, each }) => {
      const translate = name === undefined ? undefined : RULES[name];
      if (translate === undefined || each) {
        throw new TypeError(
          `${dto.name}.${field}: the rule ${name ?? 'without a name'} has no JSON Schema; use another`,
        );
      }
      return translate(constraints ?? []);
    });
  const schema = Object.assign({}, ...parts) as FieldSchema;
  return { ...(rules.some(isOptional) ? orNull(schema) : schema), ...notes(dto, field) };
}

/** The same, or null: the value is missing. */
export function orNull(schema: FieldSchema): FieldSchema {
  return {
    ...schema,
    ...(schema.type !== undefined && { type: [schema.type, 'null'].flat() }),
    ...(schema.enum && { enum: [...schema.enum, null] }),
  };
}

function notes(dto: InputClass, field: string): FieldSchema {
  const found = inputNotes(dto, field);
  if (found === undefined) return {};
  return {
    description: found.description,
    examples: [found.example],
    ...(found.unit !== undefined && { 'x-unit': found.unit }),
  };
}

/** A whole input, of the examples of its fields. */
export function exampleRow({ properties }: InputSchema): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).map(([name, { examples }]) => [name, examples?.[0]]));
}

/** The keywords that decide whether a value is taken. */
const DECIDING = ['type', 'enum', 'minimum', 'maximum', 'maxLength', 'format'] as const;

/**
 * Compares what two schemas take, not how they describe it.
 * @returns one text per difference, naming the field; none: they take the same values.
 */
export function schemaDifferences(dto: InputSchema, manifest: InputSchema): string[] {
  const names = new Set([...Object.keys(dto.properties), ...Object.keys(manifest.properties)]);
  return [...names].flatMap((name) => {
    const [mine, theirs] = [dto.properties[name], manifest.properties[name]];
    if (mine === undefined) return [`"${name}" stands in the manifest but not in the DTO`];
    if (theirs === undefined) return [`"${name}" stands in the DTO but not in the manifest`];
    const differing = (isListed(mine, theirs) ? [] : DECIDING).filter(
      (key) => JSON.stringify(sorted(mine[key])) !== JSON.stringify(sorted(theirs[key])),
    );
    const texts = differing.map(
      (key) =>
        `"${name}": ${key} is ${JSON.stringify(mine[key])} in the DTO, ${JSON.stringify(theirs[key])} in the manifest`,
    );
    const isRequired = [dto.required.includes(name), manifest.required.includes(name)];
    return isRequired[0] === isRequired[1]
      ? texts
      : [...texts, `"${name}" is required in one of DTO and manifest only`];
  });
}

/** A DTO may list the words that it takes where the manifest would take any text. */
function isListed(dto: FieldSchema, manifest: FieldSchema): boolean {
  const types = [manifest.type].flat();
  return (
    types.includes('string') &&
    manifest.format === undefined &&
    dto.enum !== undefined &&
    dto.enum.every((value) => types.includes(value === null ? 'null' : typeof value))
  );
}

const sorted = (value: unknown): unknown =>
  Array.isArray(value) ? value.toSorted((a, b) => String(a).localeCompare(String(b))) : value;
