import type { SchemaObject } from './openapi-types.js';
import { type InputClass, inputSchema } from '../inputs/input-schema.js';

/** The schema that checks one field, for a route of an older API that takes it apart from the others. */
export function fieldSchema(dto: InputClass, field: string): SchemaObject {
  return inputSchema(dto).properties[field] as SchemaObject;
}
