import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { serveGuides } from './guides.js';
import { followingDocument } from './openapi.js';
import { REDOC_PAGE, REDOC_START } from './redoc-page.js';
import { swaggerPage } from './swagger-page.js';

/** Scripts from this server alone. Both pages set styles at run time, and ReDoc searches in a worker. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

const REDOC_LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';

/** Serves Swagger UI at /docs, ReDoc at /redoc and the document at /openapi.json; no other host is asked for anything. */
export function setUpDocs(app: NestFastifyApplication): void {
  const server = app.getHttpAdapter().getInstance();
  server.addHook('onRequest', (request, reply, done) => {
    if (/^\/(docs|redoc)/.test(request.url)) void reply.header('content-security-policy', POLICY);
    // Other addresses of the page would take the server for another one. A proxy may have cut a prefix off this one.
    if (/^\/docs\/(index\.html)?(\?|$)/.test(request.url)) void reply.redirect('../docs', 308);
    else done();
  });
  // Of this route alone: a hook of the server would be asked at each prediction.
  server.addHook('onRoute', (route) => {
    if (route.url === '/docs')
      route.onSend = (_request, _reply, page, done) =>
        done(null, typeof page === 'string' ? swaggerPage(page) : page);
  });
  const document = followingDocument(app);
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    swaggerOptions: {
      validatorUrl: null,
      displayRequestDuration: true,
      // A hundred models are a list of groups, one of which is opened, found by its name, or linked to.
      docExpansion: 'none',
      filter: true,
      deepLinking: true,
      defaultModelsExpandDepth: -1,
    },
    // Without it the first document would be shown for ever.
    patchDocumentOnRequest: document,
  });
  const bundle = withoutForeignLogo(readFileSync(redocBundle(), 'utf8'));
  serve(server, '/redoc', 'text/html; charset=utf-8', REDOC_PAGE);
  serve(server, '/redoc/start.js', 'text/javascript; charset=utf-8', REDOC_START);
  serve(server, '/redoc/redoc.standalone.js', 'text/javascript; charset=utf-8', bundle);
  serveGuides(server);
}

function serve(server: FastifyInstance, path: string, type: string, content: string): void {
  server.get(path, (_request, reply) => reply.type(type).send(content));
}

/** ReDoc shows its maker's logo from the maker's host, which no page of ours may ask. */
function withoutForeignLogo(bundle: string): string {
  if (!bundle.includes(REDOC_LOGO))
    throw new TypeError('this version of ReDoc has another logo: look what it asks for');
  return bundle.replaceAll(REDOC_LOGO, 'data:,');
}

/** The build copies it into its folder `docs`; from sources it is taken where it was installed. */
function redocBundle(): string | URL {
  const built = new URL('../docs/redoc.standalone.js', import.meta.url);
  return existsSync(built)
    ? built
    : createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js');
}
