import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { parse } from 'node:querystring';
import type { FastifyRequest } from 'fastify';
import { BadRequest } from '../errors/errors.js';
import { assertPlainUtf8, unknownMediaType } from './content-headers.js';
import { parseJsonBody } from './json-body.js';
import { assertDecodable } from './percent-encoding.js';

export const URLENCODED = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data';
/** Of a form, unless its model has more inputs: a part costs some 8 µs, and a large body has room for thousands. */
const MOST_FIELDS = 100;
const BOUNDARY = /;\s*boundary\s*=\s*(?:"([^"]+)"|([^;\s]+))/i;
/** What to send instead of another media type. */
export const SEND_FIELDS =
  'send the arguments in the query, or a body as application/json, application/x-www-form-urlencoded or multipart/form-data';

/** What somebody sent by names: texts, lists of them where a name is there more than once, or values of JSON. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * The fields in the body of a request whose route takes forms; no body has none. The bytes are in memory and were bounded
 * before; a file in a form is a `File`.
 * @throws BadRequest for a body that is no object of JSON, no whole form, of too many fields, or of another media type.
 */
export async function fieldsOf(request: FastifyRequest): Promise<Fields> {
  const { body, headers, bodyForm } = request;
  const most = Math.max(MOST_FIELDS, bodyForm?.names.size ?? 0);
  if (!Buffer.isBuffer(body) || body.length === 0) return {};
  switch (mediaTypeOf(headers)) {
    case 'application/json':
      return objectOf(parseJsonBody(request, body));
    case URLENCODED:
      assertPlainUtf8(headers);
      return parse(formText(body, most), undefined, undefined, { maxKeys: 0 });
    case MULTIPART:
      assertPlainUtf8(headers);
      return partsOf(body, headers['content-type']!, most);
    default:
      throw unknownMediaType(headers, SEND_FIELDS);
  }
}

/** The media type of a body, without its parameters. */
export function mediaTypeOf({ 'content-type': type }: IncomingHttpHeaders): string | undefined {
  return type?.split(';', 1)[0]?.trim().toLowerCase();
}

/** The text of an urlencoded form. @throws BadRequest, InvalidInput where it is no percent-encoded UTF-8, or too long */
export function formText(body: Buffer, most: number): string {
  const form = utf8Of(body);
  if (form.split('&', most + 1).length > most) throw tooMany(most);
  assertDecodable(form);
  return form;
}

function objectOf(body: unknown): Fields {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Fields;
  throw new BadRequest('body_not_json', 'the body must be a JSON object with the arguments');
}

async function partsOf(body: Buffer, type: string, most: number): Promise<Fields> {
  const [, quoted, plain] = BOUNDARY.exec(type) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw new BadRequest('bad_request', `${MULTIPART} needs its boundary`);
  // One before the first part, and one behind the last.
  if (utf8Of(body).split(`--${boundary}`, most + 3).length > most + 2) throw tooMany(most);
  const form = await new Response(body, { headers: { 'content-type': type } }).formData().catch(() => {
    throw new BadRequest('bad_request', `the body is no whole ${MULTIPART} of its boundary`);
  });
  const names = new Set(form.keys());
  return Object.fromEntries(
    [...names].map((name) => {
      const values = form.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}

function utf8Of(body: Buffer): string {
  if (!isUtf8(body)) throw new BadRequest('bad_request', 'the form is not valid UTF-8');
  return body.toString();
}

const tooMany = (most: number): BadRequest =>
  new BadRequest('body_too_large', `the form has more than ${most} fields; send fewer`);
