import type { FastifyRequest } from 'fastify';
import { BadRequest, InvalidInput } from '../errors/errors.js';
import { LEAST_BYTES } from '../inputs/body-form.js';
import { bodyTooLarge } from './body-limit.js';
import { assertPlainUtf8, unknownMediaType } from './content-headers.js';
import { formText, mediaTypeOf, URLENCODED } from './form-body.js';
import { parseJsonBody } from './json-body.js';

/** `URLSearchParams` takes time by the square of the fields, and a query is one. */
const MAX_FIELDS = 100;
/** What to send instead of another media type. */
export const SEND_QUERY =
  'send the query in the URL, or a body as application/x-www-form-urlencoded or application/json';

/**
 * The fields in the body of a GET, urlencoded or JSON; undefined if there is no body. Fastify does not read it, and teaching
 * it to would refuse every GET with a JSON content type and no body.
 * @throws BadRequest for a body over 16 KiB, of too many fields, of another media type, compressed, or that is not JSON.
 */
export async function readGetBody(request: FastifyRequest): Promise<Record<string, unknown> | undefined> {
  const body = await readBytes(request);
  if (body.length === 0) return undefined;
  assertPlainUtf8(request.headers);
  const type = mediaTypeOf(request.headers);
  if (type === URLENCODED) return parseForm(body);
  if (type === 'application/json') return fieldsOf(parseJsonBody(request, body));
  throw unknownMediaType(request.headers, SEND_QUERY);
}

/** @throws BadRequest for any other JSON: a text or a list would be taken apart into fields that nobody sent. */
function fieldsOf(body: unknown): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Record<string, unknown>;
  throw new InvalidInput([{ pointer: '', code: 'type', detail: 'send a JSON object {"query": "..."}' }]);
}

async function readBytes(request: FastifyRequest): Promise<Buffer> {
  const { headers, raw } = request;
  if (Number(headers['content-length']) > LEAST_BYTES) throw tooLarge(request);
  const chunks: Buffer[] = [];
  let size = 0;
  // Destroyed, the request would take the connection with it, and the caller would never see the refusal.
  for await (const chunk of raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LEAST_BYTES) throw tooLarge(request);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const tooLarge = (request: FastifyRequest): BadRequest =>
  new BadRequest('body_too_large', bodyTooLarge(request));

const parseForm = (body: Buffer): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(formText(body, MAX_FIELDS)));
