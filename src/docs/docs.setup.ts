import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { serveGuides } from './guides.js';
import { followingModels } from '../models/following-models.js';
import { ModelRegistry } from '../models/model-registry.js';
import { openApiDocument } from './openapi.js';
import { REDOC_PAGE, REDOC_START } from './redoc-page.js';
import { DEEPAAS_START, deepaasPage, SWAGGER_START, swaggerPage } from './swagger-page.js';

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

/** Who may read nothing else may read these pages. */
const OPEN = { config: { scope: 'nothing' } } as const;

const SCRIPT_TYPE = 'text/javascript; charset=utf-8';

const REDOC_LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';

/**
 * Serves Swagger UI at /docs, ReDoc at /redoc and the document at /openapi.json, and the page of the DEEPaaS API at /ui; no
 * other host is asked for anything.
 */
export function setUpDocs(app: NestFastifyApplication): void {
  const server = app.getHttpAdapter().getInstance();
  server.addHook('onRequest', (request, reply, done) => {
    if (/^\/(docs|redoc|ui\b)/.test(request.url)) void reply.header('content-security-policy', POLICY);
    // Other addresses of the page would take the server for another one. A proxy may have cut a prefix off this one.
    if (/^\/docs\/(index\.html)?(\?|$)/.test(request.url)) void reply.redirect('../docs', 308);
    else done();
  });
  // Of these routes alone: a hook of the server would be asked at each prediction.
  server.addHook('onRoute', (route) => {
    // Swagger's own, which can say nothing themselves.
    if (/^\/docs(\/|$)/.test(route.url)) route.config = { ...route.config, ...OPEN.config };
    if (route.url === '/docs')
      route.onSend = (_request, _reply, page, done) =>
        done(null, typeof page === 'string' ? swaggerPage(page) : page);
    // Nest's own would hold the whole document, made anew at each request.
    if (route.url.endsWith('/swagger-ui-init.js')) route.handler = sender(SCRIPT_TYPE, () => SWAGGER_START);
  });
  SwaggerModule.setup('docs', app, () => openApiDocument(app), { raw: false });
  const document = followingModels(app.get(ModelRegistry), () => JSON.stringify(openApiDocument(app)));
  server.get('/openapi.json', OPEN, sender('application/json; charset=utf-8', document));
  const bundle = withoutForeignLogo(readFileSync(redocBundle(), 'utf8'));
  server.get(
    '/redoc',
    OPEN,
    sender('text/html; charset=utf-8', () => REDOC_PAGE),
  );
  server.get(
    '/redoc/start.js',
    OPEN,
    sender(SCRIPT_TYPE, () => REDOC_START),
  );
  server.get(
    '/redoc/redoc.standalone.js',
    OPEN,
    sender(SCRIPT_TYPE, () => bundle),
  );
  server.get('/ui', OPEN, sender('text/html; charset=utf-8', deepaasPage));
  server.get(
    '/ui/start.js',
    OPEN,
    sender(SCRIPT_TYPE, () => DEEPAAS_START),
  );
  // Where later versions of DEEPaaS have that page.
  server.get('/api', OPEN, (_request, reply) => reply.redirect('./ui', 302));
  serveGuides(server);
}

/** A handler that answers a text. */
const sender =
  (type: string, text: () => string) =>
  (_request: FastifyRequest, reply: FastifyReply): void =>
    void reply.type(type).send(text());

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
