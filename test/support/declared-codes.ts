import { readFileSync } from 'node:fs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { routeOf } from '../../src/http/route-kind.js';
import type { Document } from './documented.js';

/** Told to nobody; and what a path with an empty name is, which is no operation's. */
const OF_NO_OPERATION = ['client_gone', 'route_not_found'];

/** Codes by operation, as `POST /models/:model/predict`. */
type Declared = ReadonlyMap<string, ReadonlySet<string>>;

let declared: Declared | undefined;
const undeclared = new Set<string>();

afterEach(() => {
  const found = [...undeclared];
  undeclared.clear();
  if (found.length > 0)
    throw new Error(`codes that an operation answers and its @RefusesBy leaves out: ${found.join(', ')}`);
});

/** Has every test fail in which an operation of `app` refuses by a code that openapi.json does not name there. */
export function watchCodes(app: NestFastifyApplication): void {
  declared ??= readDeclared();
  const codesOf = declared;
  const server = app.getHttpAdapter().getInstance();
  server.addHook('onSend', (request, reply, payload, done) => {
    const codes = codesOf.get(operationAt(request.method, routeOf(request).template));
    const isProblem = String(reply.getHeader('content-type')).startsWith('application/problem+json');
    if (codes !== undefined && isProblem && typeof payload === 'string') {
      const { code } = JSON.parse(payload) as { code: string };
      if (!codes.has(code) && !OF_NO_OPERATION.includes(code))
        undeclared.add(`${request.method} ${routeOf(request).template}: ${code}`);
    }
    done();
  });
}

/** Of the routes in openapi.json; what a response may be is in its description. */
function readDeclared(): Declared {
  const url = new URL('../../openapi.json', import.meta.url);
  const { paths } = JSON.parse(readFileSync(url, 'utf8')) as Document;
  const found = new Map<string, Set<string>>();
  for (const [path, methods] of Object.entries(paths)) {
    // The typed routes stand there once a model: there is none that would not be found.
    const ofAny = path.replace(/^((?:\/v1)?\/models\/)[a-z-]+/, '$1{model}');
    const isTyped = ofAny !== path;
    const template = ofAny.replaceAll(/\{(\w+)\}/g, ':$1');
    for (const [method, { responses }] of Object.entries(methods)) {
      const texts = Object.values(responses).map(({ description }) => description);
      const codes = [...texts.join('. ').matchAll(/`([a-z_]+)`: /g)].map(([, code]) => code!);
      found.set(operationAt(method, template), new Set([...codes, ...(isTyped ? ['model_not_found'] : [])]));
    }
  }
  return found;
}

/** A route and its other slash are one operation. */
const operationAt = (method: string, template: string): string =>
  `${method.toUpperCase().replace('HEAD', 'GET')} ${template.replace(/(?<=.)\/$/, '')}`;
