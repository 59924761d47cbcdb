import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { BadRequest } from '../errors/errors.js';
import { assertPlainUtf8, unknownMediaType } from './content-headers.js';
import { routeOf } from './route-kind.js';
import { readBody } from './whole-body.js';

export const CSV = 'text/csv';
export const NDJSON = 'application/x-ndjson';

/** The body of a call that came as a table. */
export class Table {
  constructor(
    readonly type: typeof CSV | typeof NDJSON,
    readonly text: string,
  ) {}
}

/** Hands tables to the routes that take them; on every other route these types are unknown. */
export function addTableParser(server: FastifyInstance): void {
  for (const type of [CSV, NDJSON] as const) {
    server.addContentTypeParser(type, (request, _payload, done) => {
      if (!routeOf(request).takesTable) return done(unknownMediaType(request.headers));
      readBody(request, (error, body) => {
        if (error !== null) return done(error);
        try {
          assertPlainUtf8(request.headers);
          if (!isUtf8(body)) throw new BadRequest('bad_request', 'the body is not valid UTF-8');
          done(null, new Table(type, body.toString()));
        } catch (fault) {
          done(fault as Error);
        }
      });
    });
  }
}
