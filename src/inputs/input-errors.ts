import type { ErrorObject } from 'ajv';
import type { FieldError } from '../errors/errors.js';

const SHOWN = 64;
const NAME_SHOWN = 128;
/** A model may have thousands of categories. */
const VALUES_LISTED = 10;
const DATE_TIMES = '"2026-01-31" or "2026-01-31T12:30:00Z"';

/** What is wrong with a text that UTF-8 cannot carry, wherever it stands. */
export const UNPAIRED_SURROGATE = {
  code: 'unpaired_surrogate',
  detail: 'holds an unpaired surrogate, which is half of a character; send whole characters',
} as const;

/** What the value is that is checked: an object of this kind, and the word for a field that it may not have. */
export interface Words {
  readonly object: string;
  readonly stray: string;
}

const OF_ROW: Words = {
  object: 'a JSON object with the inputs of the model',
  stray: 'is not an input of this model',
};

/** Says in one sentence what is wrong with a value and what would be right; a hidden value is not repeated. */
export function describeError(error: ErrorObject, words = OF_ROW, isHidden = false): FieldError {
  const { keyword, instancePath: at, params, data, schema } = error;
  const got = isHidden ? '' : `; got ${show(data)}`;
  switch (keyword) {
    case 'required':
      return {
        pointer: `${at}/${escape(params['missingProperty'] as string)}`,
        code: 'required',
        detail: 'is missing',
      };
    case 'additionalProperties': {
      return {
        pointer: `${at}/${stepTo(params['additionalProperty'] as string)}`,
        code: 'unknown_field',
        detail: words.stray,
      };
    }
    case 'type':
      return { pointer: at, code: 'type', detail: `must be ${typeNames(schema, words)}${got}` };
    case 'enum': {
      const detail = `must be one of ${listed(schema as unknown[])}${got}`;
      return { pointer: at, code: 'category', detail };
    }
    case 'minimum':
    case 'maximum': {
      const side = keyword === 'minimum' ? 'at least' : 'at most';
      return { pointer: at, code: keyword, detail: `must be ${side} ${String(schema)}${got}` };
    }
    case 'maxLength':
      return { pointer: at, code: 'too_long', detail: `must have at most ${String(schema)} characters` };
    case 'format': {
      const detail = `must be a date or a date and time such as ${DATE_TIMES}${got}`;
      return { pointer: at, code: 'date_time', detail };
    }
    case 'wellFormed':
      return { pointer: at, ...UNPAIRED_SURROGATE };
    default:
      return { pointer: at, code: keyword, detail: error.message ?? 'is not valid' };
  }
}

/** A name as one step of a JSON pointer (RFC 6901). */
export function escape(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** A name that the caller made up, short and in whole characters, as one step of a JSON pointer. */
export function stepTo(name: string): string {
  return escape(name.slice(0, NAME_SHOWN).toWellFormed());
}

const NAMES: Readonly<Record<string, string>> = {
  array: 'a list',
  number: 'a number',
  integer: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
  null: 'null',
};

function typeNames(schema: unknown, { object }: Words): string {
  return [schema]
    .flat()
    .map((name) => (name === 'object' ? object : (NAMES[name as string] ?? String(name))))
    .join(' or ');
}

/** The values that may stand somewhere: the first ten, and how many more there are. */
function listed(values: readonly unknown[]): string {
  const shown = values.slice(0, VALUES_LISTED).map((value) => JSON.stringify(value));
  const more = values.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more.toLocaleString('en')} more` : '');
}

/** A value as the caller sent it, short; lists and objects by name only (a deep one must not be walked). */
export function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'string' && value.length > SHOWN) return `${JSON.stringify(value.slice(0, SHOWN))}…`;
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
