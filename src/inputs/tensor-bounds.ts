import type { TensorSpec } from '../artifacts/manifest.js';
import type { FieldSchema, InputSchema } from './input-schema.js';

/** 1e39 is Infinity in float32. */
const LARGEST_FLOAT32 = 3.4028234663852886e38;

/**
 * `schema` with no number beyond what the tensors can hold, and no integer beyond what JSON carries exactly: for the
 * check. It is not shown and not compared, because nobody has said it.
 */
export function withinTensors(schema: InputSchema, tensors: readonly TensorSpec[]): InputSchema {
  const isFloat32 = tensors.some(({ datatype }) => datatype === 'FP32');
  const properties = Object.entries(schema.properties).map(([name, field]) => [
    name,
    within(field, largest(field, isFloat32)),
  ]);
  return { ...schema, properties: Object.fromEntries(properties) as InputSchema['properties'] };
}

function largest({ type }: FieldSchema, isFloat32: boolean): number {
  const types = [type].flat();
  if (types.includes('integer')) return Number.MAX_SAFE_INTEGER;
  return types.includes('number') && isFloat32 ? LARGEST_FLOAT32 : Infinity;
}

function within(field: FieldSchema, limit: number): FieldSchema {
  if (limit === Infinity) return field;
  return {
    ...field,
    minimum: Math.max(field.minimum ?? -limit, -limit),
    maximum: Math.min(field.maximum ?? limit, limit),
  };
}
