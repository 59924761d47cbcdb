import { DocumentCheck } from '../inputs/document-check.js';
import type { FieldSchema } from '../inputs/input-schema.js';

const TYPES = ['string', 'number', 'integer', 'boolean', 'null'];
const bound = { type: 'number' };
const length = { type: 'integer', minimum: 0 };
const text = { type: 'string', maxLength: 1_000 };

/** What a runner may declare of the arguments of a training: flat values within bounds. */
export const ARGUMENTS_SCHEMA = {
  type: 'object',
  required: ['type', 'properties', 'additionalProperties'],
  additionalProperties: false,
  properties: {
    $schema: text,
    title: text,
    description: text,
    type: { const: 'object' },
    additionalProperties: { const: false },
    required: { type: 'array', maxItems: 100, items: { type: 'string' } },
    properties: {
      type: 'object',
      maxProperties: 100,
      propertyNames: { type: 'string', maxLength: 63 },
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        properties: {
          type: { anyOf: [{ enum: TYPES }, { type: 'array', minItems: 1, items: { enum: TYPES } }] },
          enum: { type: 'array', minItems: 1, maxItems: 1_000, items: {} },
          default: {},
          title: text,
          description: text,
          minimum: bound,
          maximum: bound,
          exclusiveMinimum: bound,
          exclusiveMaximum: bound,
          minLength: length,
          maxLength: length,
        },
      },
    },
  },
} as const;

/** What a runner has declared of the arguments of a training. */
export interface DeclaredArguments {
  readonly required?: readonly string[];
  readonly properties: Readonly<Record<string, FieldSchema & { readonly default?: unknown }>>;
}

/**
 * Compares arguments with what the runner of a training has declared.
 * @throws InvalidInput that names each fault below `/arguments`.
 */
export function checkArguments(given: Readonly<Record<string, unknown>>, declared: DeclaredArguments): void {
  const known = Object.keys(declared.properties).join(', ') || 'none';
  const stray = `is no argument of this training, which takes ${known}`;
  new DocumentCheck(declared, stray).assert(given, '/arguments');
}
