import { NotFoundException } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import type { IncomingMessage, Server } from 'node:http';
import { BadRequest } from '../errors/errors.js';
import { assertDecodable, queryOf } from './percent-encoding.js';
import { routeOf, UNMATCHED } from './route-kind.js';

/**
 * Refuses what no route answers and what breaks HTTP, before the body is read, whose faults would else be told instead.
 * Node leaves to us what it would refuse without a problem document: see `LEFT_TO_US`.
 */
export function refuseBadRequests(server: FastifyInstance): void {
  leaveExpectations(server.server);
  server.addHook('onRequest', (request, reply, done) => {
    if (routeOf(request) === UNMATCHED) return done(new NotFoundException());
    const { raw } = request;
    if (raw.httpVersionMajor !== 1) {
      reply.raw.setHeader('connection', 'close');
      throw new BadRequest('http_version_not_supported', SPOKEN);
    }
    assertOneHost(raw);
    const { 'transfer-encoding': coding, expect } = raw.headers;
    if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
      // Where the body ends is not known.
      reply.raw.setHeader('connection', 'close');
      throw new BadRequest(
        'unsupported_media_type',
        `the Transfer-Encoding ${JSON.stringify(coding.slice(0, 64))} is not taken here; send chunked or a Content-Length`,
      );
    }
    if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
      // Nor whether there will be one.
      reply.raw.setHeader('connection', 'close');
      throw new BadRequest('expectation_failed', 'only Expect: 100-continue can be met; leave it out');
    }
    // Few have one.
    if (raw.url!.includes('%')) assertDecodable(queryOf(raw.url!));
    done();
  });
}

/** What is told to who speaks another version of HTTP. */
export const SPOKEN = 'HTTP/1.1 and HTTP/1.0 are spoken here; send the request in one of them';

/** Options of Node's server. Two headers of one name are joined, so that a second one is not passed over. */
export const LEFT_TO_US = { requireHostHeader: false, joinDuplicateHeaders: true } as const;

/** The characters of a host and a port (RFC 3986); no comma, by which several are joined. */
const HOST = /^[\w.~%!$&'()*+;=:[\]-]*$/;

/** HTTP/1.1 asks for one header Host: proxies on the way may take any of several, or read an odd one in another way. */
function assertOneHost({ headers: { host }, httpVersion }: IncomingMessage): void {
  if (host === undefined ? httpVersion === '1.0' : HOST.test(host)) return;
  const got =
    host === undefined ? 'none' : host.includes(',') ? 'several' : JSON.stringify(host.slice(0, 64));
  throw new BadRequest('bad_request', `send one header Host; got ${got}`);
}

/** What Node would answer by a bare 417. */
function leaveExpectations(server: Server): void {
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}
