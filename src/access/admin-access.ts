import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { isLoopback, isLoopbackHost } from '../config/loopback.js';
import { Forbidden } from '../errors/errors.js';
import { isOfManagement } from './scope.js';

/** What proxies add to a request that they pass on. */
const OF_A_PROXY = /^(?:forwarded|via|x-real-ip|x-forwarded-.*)$/;
const MEND =
  'call from the machine that the server runs on, by its address 127.0.0.1 or localhost, or have the operator set AUTH=off where nobody reaches this port but those who may change the models';

/**
 * Who may use the routes of management while callers have no keys: nobody's browser, and this machine alone, unless the
 * operator has written `AUTH=off`. Refused before the body is read.
 */
export function addAdminAccess(server: FastifyInstance, auth: 'local' | 'off'): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const reason = isOfManagement(request.route?.scope) ? refusal(request.raw, auth) : undefined;
    done(reason === undefined ? undefined : new Forbidden(reason));
  });
}

function refusal({ headers, socket }: IncomingMessage, auth: 'local' | 'off'): string | undefined {
  // A page in somebody's browser may send what it likes to this machine; browsers say then where the page is from.
  if (headers.origin !== undefined)
    return 'pages of a browser may not do this; call it by a program that sends no Origin header';
  if (auth === 'off') return undefined;
  if (!isLoopback(socket.remoteAddress))
    return `this may be done from the server's own machine alone; ${MEND}`;
  if (!isLoopbackName(headers.host))
    return `this may be done by a loopback name alone, and Host is another; ${MEND}`;
  const name = Object.keys(headers).find((header) => OF_A_PROXY.test(header));
  return name === undefined ? undefined : `this may not be done through a proxy (header ${name}); ${MEND}`;
}

/** Against names of other people that lead to this machine (DNS rebinding). */
function isLoopbackName(host = ''): boolean {
  const [, name = ''] = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/.exec(host.toLowerCase()) ?? [];
  return isLoopbackHost(name);
}
