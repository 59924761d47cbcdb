import type { FastifyRequest } from 'fastify';
import { type Fields, fieldsOf } from '../../http/form-body.js';
import type { FieldSchema } from '../../inputs/input-schema.js';

/** What the arguments of a call may be, by name. */
export type Properties = Readonly<Record<string, FieldSchema>>;

const NUMBER = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i;
const INTEGER = /^\s*[+-]?\d+\s*$/;
const TRUE = /^(?:t|true|on|y|yes|1)$/i;
const FALSE = /^(?:f|false|off|n|no|0)$/i;

/** The arguments of a call: an argument of the query counts before one of the body. @throws BadRequest */
export async function argumentsOf(request: FastifyRequest): Promise<Fields> {
  return { ...(await fieldsOf(request)), ...(request.query as Fields) };
}

/**
 * The arguments that a model declares, in the order of their declaration; others are left out, as DEEPaaS does. Texts become
 * what the schema asks for where they read as it; what does not stays a text, and the check says what is wrong with it.
 */
export function declaredArguments(given: Fields, properties: Properties): Fields {
  const named = Object.entries(properties).filter(([name]) => Object.hasOwn(given, name));
  return Object.fromEntries(named.map(([name, schema]) => [name, valueOf(given[name], schema)]));
}

function valueOf(value: unknown, { type, enum: options }: FieldSchema): unknown {
  if (typeof value !== 'string') return value;
  if (options !== undefined) return options.find((option) => String(option) === value) ?? value;
  const types = [type].flat();
  if (types.includes('string')) return value;
  if (types.includes('number') && NUMBER.test(value)) return Number(value);
  if (types.includes('integer') && INTEGER.test(value)) return Number(value);
  if (types.includes('boolean') && (TRUE.test(value) || FALSE.test(value))) return TRUE.test(value);
  return value;
}
