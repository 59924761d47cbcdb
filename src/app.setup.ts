import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { addAdminAccess } from './access/admin-access.js';
import { addAuthentication } from './access/authentication.js';
import { CallerLimits } from './access/caller-limits.js';
import { demandScopes } from './access/declared-scopes.js';
import { KnownCallers } from './access/known-callers.js';
import { AppModule } from './app.module.js';
import { Siblings } from './channel/siblings.js';
import { AppConfig } from './config/app-config.js';
import { connectionLimit, connectionsOfManagement } from './config/connection-limit.js';
import { limitsOf, tightLimits } from './config/limits.js';
import { setUpDocs } from './docs/docs.setup.js';
import { Admission } from './http/admission.js';
import { addAdmission } from './http/admission-hooks.js';
import { exposeAdmission } from './http/admission-metrics.js';
import { mergeSlashes, refuseOtherMethods } from './doors/deepaas/paths-of-models.js';
import { answeredByKeyPage } from './doors/key/key-page.js';
import { waysOf } from './doors/ways.js';
import { boundByModel } from './doors/known-model.js';
import { boundConnections } from './http/connection-bounds.js';
import { limitBodies } from './http/body-limit.js';
import { addArchiveParser } from './http/archive-body.js';
import { addCompression } from './http/compression.js';
import { addCors } from './http/cors.js';
import { answerEitherSlash } from './http/either-slash.js';
import { callDirectly } from './http/direct-handlers.js';
import { AllowedMethods } from './http/allowed-methods.js';
import { LargeRequests } from './http/large-requests.js';
import { addManagement } from './http/listeners.js';
import { nestAdapter } from './http/nest-adapter.js';
import { ProblemFilter } from './http/problem.filter.js';
import { ServerIndex } from './doors/index/server-index.js';
import { serveFavicon } from './pages/favicon.js';
import { ModelRegistry } from './models/model-registry.js';
import { AppLogger } from './observability/app-logger.js';
import { exposeLimits } from './observability/limit-metrics.js';
import { HttpMetrics } from './observability/http-metrics.js';
import { MetricsRegistry } from './observability/metrics-registry.js';
import { Backlog } from './pipeline/backlog.js';
import { LEFT_TO_US, refuseBadRequests } from './http/bad-requests.js';
import { FinishedRequests } from './http/finished-requests.js';
import { EARLY_ANSWERS, refuseTunnels } from './http/raw-errors.js';
import { addRequestHooks, refuseWhileStopping, requestId } from './http/request-hooks.js';
import { addJsonParser } from './http/json-body.js';
import { drainConnections } from './http/connection-drain.js';
import { addTableParser } from './http/table-body.js';
import { Shutdown } from './http/shutdown.js';
import { WholeBodyRequest } from './http/whole-body.js';

/** A request must arrive within these times. Node checks every 30 s unless told otherwise, and Fastify sets no limit. */
const SLOW_CLIENT_LIMITS = { headersTimeout: 10_000, connectionsCheckingInterval: 1_000 } as const;
/** Time for the headers, and as much again for a body of 64 KiB; larger ones are watched for their pace. */
const REQUEST_TIMEOUT = 20_000;
/** Of the request line and the headers together: what Node sets by itself. */
const MAX_HEADER_BYTES = 16_384;
const HTTP_OPTIONS = { ...SLOW_CLIENT_LIMITS, ...LEFT_TO_US, IncomingMessage: WholeBodyRequest };

/** Builds the whole application for `config`; `main` and every test start here. It does not listen yet. */
export async function createApp(config: AppConfig): Promise<NestFastifyApplication> {
  const adapter = nestAdapter({
    bodyLimit: config.maxBodyBytes,
    genReqId: requestId,
    requestTimeout: REQUEST_TIMEOUT,
    http: HTTP_OPTIONS,
    ...EARLY_ANSWERS,
    // It would also bound the end of the server, and what is in flight then may take longer.
    pluginTimeout: 0,
    // What comes while the server closes is answered by a hook, with an id and by a problem document.
    return503OnClosing: false,
    // A name that is too long is one that there is not; the request line is bounded anyway.
    routerOptions: { maxParamLength: MAX_HEADER_BYTES },
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.for(config), adapter, {
    bodyParser: false,
    // Nest's own lines begin when the application log exists; what stops the start is told by main.
    logger: false,
    abortOnError: false,
  });
  configureApp(app);
  return app;
}

/** Everything around the routes: log, hooks, body parsing, errors, CORS and documentation. */
function configureApp(app: NestFastifyApplication): void {
  const config = app.get(AppConfig);
  const logger = app.get(AppLogger);
  const server = app.getHttpAdapter().getInstance();
  const hasManagement = config.managementPort !== undefined;
  const allowedMethods = new AllowedMethods(hasManagement);
  app.useLogger(logger);
  if (hasManagement) addManagement(server, HTTP_OPTIONS);
  allowedMethods.watch(server);
  demandScopes(server);
  limitBodies(server, config.maxBodyBytes);
  callDirectly(server, (controller) => app.get(controller, { strict: false }));
  answerEitherSlash(server);
  addCompression(server);
  addRequestHooks(server, new FinishedRequests(app.get(HttpMetrics), logger), app.get(Shutdown));
  refuseTunnels(server);
  addCors(server, config.corsOrigins, allowedMethods);
  refuseWhileStopping(server, drainConnections(server, app.get(Siblings)), app.get(Shutdown));
  refuseBadRequests(server);
  if (config.auth === 'required')
    addAuthentication(server, app.get(KnownCallers), app.get(CallerLimits), (request, reply) =>
      answeredByKeyPage(request, reply, waysOf(config, request)),
    );
  else addAdminAccess(server, config.auth);
  boundByModel(server, app.get(ModelRegistry));
  addJsonParser(server);
  addArchiveParser(server);
  addTableParser(server);
  const limits = limitsOf(config);
  exposeLimits(app.get(MetricsRegistry).prometheus, limits);
  const admission = new Admission(limits.admissionBytes, app.get(Backlog));
  app.useGlobalFilters(new ProblemFilter(allowedMethods, logger, admission));
  const large = new LargeRequests(admission);
  exposeAdmission(app.get(MetricsRegistry).prometheus, admission, large);
  addAdmission(server, admission, large, config.requestTimeoutMs);
  const connections = connectionLimit(limits);
  const ofManagement = server.management === undefined ? 0 : connectionsOfManagement(connections);
  boundConnections(server.server, connections - ofManagement, logger);
  if (server.management !== undefined) boundConnections(server.management, ofManagement, logger);
  serveFavicon(server);
  if (hasManagement) app.get(ServerIndex).serveToManagement(server);
  refuseOtherMethods(server, app.get(ModelRegistry));
  mergeSlashes(server);
  if (config.docsEnabled) setUpDocs(app);
  // For all of them.
  if (app.get(Siblings).isFirst)
    for (const { what, mend } of tightLimits(limits, config.inferenceThreads)) logger.warn(what, { mend });
  if (config.auth === 'off') {
    logger.warn('AUTH=off: whoever reaches this port may change the models', {
      host: config.host,
      port: config.managementPort ?? config.port,
    });
  }
}
