import { applyDecorators } from '@nestjs/common';
import { ApiBody } from '@nestjs/swagger';
import type { SchemaObject } from './openapi-types.js';
import { type InputClass, type InputSchema, inputSchema } from '../inputs/input-schema.js';

/** Documents the body of a route by the schema that checks it. */
export function ApiInput(dto: InputClass): MethodDecorator {
  const schema = inputSchema(dto);
  return applyDecorators(
    ApiBody({ schema: schema as SchemaObject, examples: { example: { value: exampleOf(schema) } } }),
  );
}

/** The schema that checks one field, for a route of an older API that takes it apart from the others. */
export function fieldSchema(dto: InputClass, field: string): SchemaObject {
  return inputSchema(dto).properties[field] as SchemaObject;
}

/** A whole input from the examples of its fields. */
export function exampleOf({ properties }: InputSchema): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).map(([name, { examples }]) => [name, examples?.[0]]));
}
