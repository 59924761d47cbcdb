import type { FastifyReply } from 'fastify';
import { BadRequest, type FieldError, InvalidInput } from '../../errors/errors.js';
import { escape } from '../../inputs/input-errors.js';
import type { FieldSchema } from '../../inputs/input-schema.js';
import type { Properties } from './call-arguments.js';

/** Where a fault is none of one argument. */
const WHOLE = '_schema';
/** More values are not listed one by one. */
const MOST_LISTED = 100;
const NOT_VALID: Readonly<Record<string, string>> = {
  integer: 'Not a valid integer.',
  number: 'Not a valid number.',
  boolean: 'Not a valid boolean.',
  string: 'Not a valid string.',
};

/**
 * Answers what went wrong in a call with arguments as DEEPaaS does: 422 `{"<argument>": ["<message>"]}`, and 400 for JSON that
 * is none. All else is told as on every other route.
 */
export function refuse(reply: FastifyReply, error: unknown, properties: Properties): void {
  if (error instanceof InvalidInput) {
    answer(reply, 422, flatFaults(error, properties));
  } else if (error instanceof BadRequest && error.code === 'body_not_json') {
    answer(reply, 400, { json: ['Invalid JSON body.'] });
  } else {
    void reply.send(error);
  }
}

/** Each fault under the name of its argument, in DEEPaaS's words where it has some. */
export function flatFaults(error: InvalidInput, properties: Properties): Record<string, string[]> {
  const names = new Map(Object.keys(properties).map((name) => [escape(name), name]));
  const nameOf = ({ pointer }: FieldError): string =>
    names.get(pointer.slice(pointer.lastIndexOf('/') + 1)) ?? WHOLE;
  // Not put into an object one by one: an input may be called "constructor".
  const byName = [...Map.groupBy(error.errors, nameOf)];
  return Object.fromEntries(
    byName.map(([name, faults]) => [name, faults.map((fault) => messageOf(fault, properties[name] ?? {}))]),
  );
}

function answer(reply: FastifyReply, status: number, document: object): void {
  // Bytes, as Fastify puts a charset behind the type of a text, which DEEPaaS does not here.
  const body = Buffer.from(JSON.stringify(document));
  void reply.status(status).header('content-type', 'application/json').send(body);
}

function messageOf({ code, detail }: FieldError, field: FieldSchema): string {
  const { type, enum: options = [], minimum, maximum, maxLength } = field;
  if (code === 'required') return 'Missing data for required field.';
  if (code === 'type') {
    const asked = [type].flat().find((each) => each !== 'null');
    return NOT_VALID[asked ?? ''] ?? sentence(detail);
  }
  const values = options.filter((option) => option !== null);
  if (code === 'category' && values.length <= MOST_LISTED)
    return `Must be one of: ${values.map(String).join(', ')}.`;
  if (code === 'minimum' && minimum !== undefined) return `Must be greater than or equal to ${minimum}.`;
  if (code === 'maximum' && maximum !== undefined) return `Must be less than or equal to ${maximum}.`;
  if (code === 'too_long' && maxLength !== undefined) return `Longer than maximum length ${maxLength}.`;
  if (code === 'date_time') return 'Not a valid datetime.';
  return sentence(detail);
}

const sentence = (detail: string): string => `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`;
