import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isUtf8 } from 'node:buffer';
import { BadRequest } from '../errors/errors.js';
import { assertPlainUtf8 } from './content-headers.js';
import { placeOfFault } from './json-fault.js';

/** Each costs the parser twenty times the two bytes that it takes in the body; 10,000 rows need a hundredth of this. */
const MAX_CONTAINERS = 1_000_000;
/** What fits in here takes 120 MB at the worst, so that ordinary bodies need not be counted. */
const UNCOUNTED_BYTES = 4_194_304;
/** Finding one costs about as much as looking at a hundred bytes one by one. */
const QUICKLY_COUNTED = 100_000;
const [QUOTE, BACKSLASH, BRACE, BRACKET] = Buffer.from('"\\{[');

/**
 * Takes `application/json` bodies and nothing else. Keys such as `__proto__` arrive as plain fields, which no input
 * has, so the check of the DTO refuses them like any unknown field.
 */
export function addJsonParser(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      done(null, parseJsonBody(request, body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** @throws BadRequest that says where the text stops being JSON. */
export function parseJsonBody(request: FastifyRequest, body: Buffer): unknown {
  assertPlainUtf8(request.headers);
  if (body.length === 0) throw new BadRequest('body_not_json', 'the body is empty; send a JSON object');
  // Else a wrong byte would be read as a replacement character, and the record would not hold what was sent.
  if (!isUtf8(body)) throw new BadRequest('body_not_json', 'the body is not valid UTF-8');
  if (body.length > UNCOUNTED_BYTES && !holdsFew(body) && containersIn(body) > MAX_CONTAINERS) {
    const most = MAX_CONTAINERS.toLocaleString('en');
    throw new BadRequest('body_too_large', `the body holds more than ${most} objects and lists; send fewer`);
  }
  const text = body.toString();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadRequest(
      'body_not_json',
      `the body is not valid JSON: ${placeOfFault(text, error as Error)}`,
    );
  }
}

/** Whether a quick look can tell that there are few: those that stand in texts are counted too, up to a bound. */
function holdsFew(body: Buffer): boolean {
  let found = 0;
  for (const byte of [BRACE, BRACKET]) {
    for (let at = body.indexOf(byte!); at !== -1; at = body.indexOf(byte!, at + 1)) {
      if (++found > QUICKLY_COUNTED) return false;
    }
  }
  return true;
}

/** How many objects and lists begin in a JSON text; no more than a reckoning where it is not JSON. */
function containersIn(body: Buffer): number {
  let containers = 0;
  let isText = false;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) isText = !isText;
    else if (byte === BACKSLASH) at++;
    else if (!isText && (byte === BRACE || byte === BRACKET)) containers++;
  }
  return containers;
}
