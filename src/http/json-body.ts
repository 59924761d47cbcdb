import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isUtf8 } from 'node:buffer';
import { BadRequest } from '../errors/errors.js';
import type { BodyForm } from '../inputs/body-form.js';
import { assertPlainUtf8, unknownMediaType } from './content-headers.js';
import { surplusOf } from './json-census.js';
import { placeOfFault } from './json-fault.js';
import { giveBack, LARGE_BYTES } from './large-body.js';
import { routeOf } from './route-kind.js';
import { readBody } from './whole-body.js';
import { parseAsWritten } from './written-numbers.js';

/** Whatever stands in so few bytes is parsed within milliseconds. */
const UNCOUNTED_BYTES = 65_536;

const SURPLUS = {
  containers: 'objects and lists',
  items: 'values in lists',
  fields: 'fields',
  strays: 'fields that are not known here',
} as const;

/**
 * Takes `application/json` bodies and nothing else, where a route takes one at all; one that takes forms too gets the bytes.
 * Keys such as `__proto__` arrive as plain fields, which no input has, so the check of the DTO refuses them like any
 * unknown field.
 */
export function addJsonParser(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', (request, _payload, done) => {
    readBody(request, (error, body) => {
      if (error !== null) return done(error);
      try {
        const isNone = takesNone(request) || (body.length === 0 && !needsBody(request));
        if (isNone) done(null, undefined);
        else done(null, routeOf(request).takesForms ? body : parseJsonBody(request, body));
      } catch (fault) {
        done(fault as Error);
      }
    });
  });
  server.addContentTypeParser('*', (request, _payload, done) => {
    if (routeOf(request).takesForms) readBody(request, done);
    else done(takesNone(request) ? null : unknownMediaType(request.headers));
  });
}

const takesNone = (request: FastifyRequest): boolean => routeOf(request).takes === 'nothing';

/** Clients name a media type whether they send something or not. */
const needsBody = (request: FastifyRequest): boolean => routeOf(request).kind === 'prediction';

/** Takes `body` as `parseJson` does. @throws BadRequest that says where the text stops being JSON. */
export function parseJsonBody(request: FastifyRequest, body: Buffer): unknown {
  assertPlainUtf8(request.headers);
  if (body.length === 0) throw new BadRequest('body_not_json', 'the body is empty; send a JSON object');
  // Else a wrong byte would be read as a replacement character, and the record would not hold what was sent.
  if (!isUtf8(body)) throw new BadRequest('body_not_json', 'the body is not valid UTF-8');
  return parseJson(body, request.bodyForm, 'the body');
}

/**
 * Parses what somebody sent, with the same bounds wherever it stood; `what` names it in a fault. `bytes` are nobody else's:
 * the memory of large ones is given back.
 * @throws BadRequest
 */
export function parseJson(bytes: Buffer, form: BodyForm | null, what: string): unknown {
  const surplus = form === null || bytes.length <= UNCOUNTED_BYTES ? undefined : surplusOf(bytes, form);
  if (surplus !== undefined) {
    const most = form![surplus].toLocaleString('en');
    throw new BadRequest(
      'body_too_large',
      `${what} holds more than ${most} ${SURPLUS[surplus]}; no call of this route needs so many`,
    );
  }
  const text = bytes.toString();
  if (bytes.length >= LARGE_BYTES) giveBack(bytes);
  try {
    return form?.keepsNumbers === true ? parseAsWritten(text) : JSON.parse(text);
  } catch (error) {
    throw new BadRequest('body_not_json', `${what} is not valid JSON: ${placeOfFault(text, error as Error)}`);
  }
}
