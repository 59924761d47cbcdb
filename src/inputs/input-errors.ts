import type { ErrorObject } from 'ajv';
import type { FieldError } from '../errors/errors.js';

const SHOWN = 64;

/** Says in one sentence what is wrong with a value and what would be right. */
export function describeError(error: ErrorObject): FieldError {
  const { keyword, instancePath: at, params, data, schema } = error;
  switch (keyword) {
    case 'required':
      return {
        pointer: `${at}/${escape(params['missingProperty'] as string)}`,
        code: 'required',
        detail: 'is missing',
      };
    case 'additionalProperties': {
      const name = (params['additionalProperty'] as string).slice(0, 128);
      return {
        pointer: `${at}/${escape(name)}`,
        code: 'unknown_field',
        detail: 'is not an input of this model',
      };
    }
    case 'type':
      return { pointer: at, code: 'type', detail: `must be ${typeNames(schema)}; got ${show(data)}` };
    case 'enum': {
      const allowed = (schema as unknown[]).map((value) => JSON.stringify(value)).join(', ');
      return { pointer: at, code: 'category', detail: `must be one of ${allowed}; got ${show(data)}` };
    }
    case 'minimum':
    case 'maximum': {
      const side = keyword === 'minimum' ? 'at least' : 'at most';
      return { pointer: at, code: keyword, detail: `must be ${side} ${String(schema)}; got ${show(data)}` };
    }
    case 'maxLength':
      return { pointer: at, code: 'too_long', detail: `must have at most ${String(schema)} characters` };
    default:
      return { pointer: at, code: keyword, detail: error.message ?? 'is not valid' };
  }
}

/** A name as one step of a JSON pointer (RFC 6901). */
export function escape(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

const NAMES: Readonly<Record<string, string>> = {
  object: 'a JSON object with the inputs of the model',
  number: 'a number',
  integer: 'a whole number',
  string: 'a text',
  null: 'null',
};

function typeNames(schema: unknown): string {
  return [schema]
    .flat()
    .map((name) => NAMES[name as string] ?? String(name))
    .join(' or ');
}

/** A value as the caller sent it, short; lists and objects by name only (a deep one must not be walked). */
function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'string' && value.length > SHOWN) return `${JSON.stringify(value.slice(0, SHOWN))}…`;
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
