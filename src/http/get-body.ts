import type { FastifyRequest } from 'fastify';
import { BadRequest } from '../errors/errors.js';
import { parseJsonBody } from './json-body.js';

/**
 * The fields in the body of a GET, urlencoded or JSON; none if there is no body. Fastify does not read it, and teaching
 * it to would refuse every GET with a JSON content type and no body.
 * @throws BadRequest for a body over `limit` bytes, of another media type, or that is not JSON.
 */
export async function readGetBody(request: FastifyRequest, limit: number): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.raw as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new BadRequest('body_too_large', 'the body is larger than this server takes');
    chunks.push(chunk);
  }
  if (size === 0) return {};
  const body = Buffer.concat(chunks);
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded')
    return Object.fromEntries(new URLSearchParams(body.toString()));
  if (type === 'application/json') return { ...(parseJsonBody(request, body) as object) };
  throw new BadRequest(
    'unsupported_media_type',
    'send the query in the URL, or a body as application/x-www-form-urlencoded or application/json',
  );
}
