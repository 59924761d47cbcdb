import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parse, type ParseError } from 'jsonc-parser';
import { BadRequest } from '../errors/errors.js';

/**
 * Takes `application/json` bodies and nothing else. Keys such as `__proto__` arrive as plain fields, which no input
 * has, so the check of the DTO refuses them like any unknown field.
 */
export function addJsonParser(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    try {
      done(null, parseJsonBody(request, body as string));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** @throws BadRequest that says where the text stops being JSON. */
export function parseJsonBody(request: FastifyRequest, body: string): unknown {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new BadRequest('unsupported_media_type', 'send the body without Content-Encoding');
  }
  const charset = /charset="?([^";]+)/i.exec(request.headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && charset.trim().toLowerCase() !== 'utf-8') {
    throw new BadRequest('unsupported_media_type', 'send the body as UTF-8');
  }
  if (body.length === 0) throw new BadRequest('body_not_json', 'the body is empty; send a JSON object');
  try {
    return JSON.parse(body);
  } catch {
    throw new BadRequest('body_not_json', `the body is not valid JSON${place(body)}`);
  }
}

/** Node's own message names no position for every fault, so a second parser looks for it. */
function place(body: string): string {
  const errors: ParseError[] = [];
  try {
    parse(body, errors, { disallowComments: true, allowTrailingComma: false });
  } catch {
    return ': it is nested too deeply';
  }
  const [first] = errors;
  if (first === undefined) return '';
  const before = body.slice(0, first.offset).split('\n');
  return `: see line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
