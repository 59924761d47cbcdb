import type { FastifyInstance, FastifyRequest } from 'fastify';
import { finished, Readable } from 'node:stream';
import { unknownMediaType } from './content-headers.js';
import { routeOf } from './route-kind.js';
import { letTakeTime } from './slow-requests.js';

const TYPES = ['application/x-tar', 'application/gzip', 'application/x-gzip'];
/** What to send instead of another media type. */
export const SEND_TAR = `send a tar of the version's folder with the header Content-Type: ${TYPES[0]}`;
/** For so long a sender whose archive was refused may go on sending before he reads the answer. */
const LINGER_MS = 30_000;

/** Hands the body of a route that takes archives on unread; on every other route these types are unknown. */
export function addArchiveParser(server: FastifyInstance): void {
  server.addContentTypeParser(TYPES, (request, payload, done) => {
    done(routeOf(request).takesArchive ? null : unknownMediaType(request.headers), payload);
  });
  // Before it is read: any other type would be parsed first, or refused with the mend of other routes.
  server.addHook('onRequest', (request, _reply, done) => {
    const isOther = routeOf(request).takesArchive && !TYPES.includes(typeOf(request.headers));
    done(isOther ? unknownMediaType(request.headers, SEND_TAR) : undefined);
  });
}

/**
 * Lets `work` read the body of a request, for as long as it likes. What it leaves unread is let through, so that its
 * sender comes to read the answer.
 */
export async function readingArchive<T>(
  request: FastifyRequest,
  work: (body: Readable) => Promise<T>,
): Promise<T> {
  const { raw } = request;
  const hurry = letTakeTime(raw.socket);
  try {
    return await work(request.body instanceof Readable ? request.body : Readable.from([]));
  } finally {
    if (raw.readableEnded || raw.destroyed) hurry();
    else {
      const timer = setTimeout(() => raw.destroy(), LINGER_MS).unref();
      finished(raw, () => {
        clearTimeout(timer);
        hurry();
      });
      // In a later turn: who read it until now lets go of it in this one.
      setImmediate(() => raw.resume());
    }
  }
}

const typeOf = (headers: FastifyRequest['headers']): string =>
  headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
