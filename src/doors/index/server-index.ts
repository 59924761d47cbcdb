import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { mayUse } from '../../access/identity.js';
import { AppConfig } from '../../config/app-config.js';
import { VERSION } from '../../config/version.js';
import { type Listener, listenerOf } from '../../http/listeners.js';
import { wantsPage } from '../../http/wants-page.js';
import { followingModels } from '../../models/following-models.js';
import { ModelRegistry } from '../../models/model-registry.js';
import { API_LINKS, API_VERSION } from '../deepaas/versions.js';
import { waysAt } from '../ways.js';
import { INDEX_POLICY, indexPage, pageFor } from './index-page.js';

/** As long as names of hosts are: it stands in every command of the page. */
const HOST = /^[\w.:[\]-]{1,260}$/;

/** What `GET /` shows where nothing is asked of the API that has taken this path: the ways to all others. */
@Injectable()
export class ServerIndex {
  private readonly pages: Readonly<Record<Listener, () => string>>;

  constructor(
    private readonly config: AppConfig,
    private readonly registry: ModelRegistry,
  ) {
    const pageAt = (listener: Listener): (() => string) =>
      followingModels(registry, () =>
        indexPage(registry.all(), waysAt(listener, config), listener === 'public'),
      );
    this.pages = { public: pageAt('public'), management: pageAt('management') };
  }

  /** Answers `GET /` at the port of management, where no API has taken this path. */
  serveToManagement(server: FastifyInstance): void {
    server.get('/', { config: { scope: 'predict', listener: 'management' } }, (request, reply) =>
      this.answer(request, reply),
    );
  }

  /** A page for a browser, else a document. */
  answer(request: FastifyRequest, reply: FastifyReply): void {
    const listener = listenerOf(request.raw);
    // A cache knows no body of a GET: it would answer a query by the index.
    void reply.header('cache-control', 'no-store');
    if (!wantsPage(request, reply, 'application/json')) {
      void reply.send(this.document(listener));
      return;
    }
    const host = HOST.test(request.host) ? request.host : 'localhost';
    void reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', INDEX_POLICY)
      .header('x-content-type-options', 'nosniff')
      .send(pageFor(`http://${host}`, this.pageOf(request, listener)));
  }

  /** A key for some models has a page of these, which is kept for nobody. */
  private pageOf({ identity }: FastifyRequest, listener: Listener): string {
    if (identity?.models === undefined) return this.pages[listener]();
    const models = this.registry.all().filter(({ name }) => mayUse(identity, name));
    return indexPage(models, waysAt(listener, this.config), listener === 'public');
  }

  /** The index for whoever is no browser: `versions` and `links` are the DEEPaaS API's, `paths` the ways to all else. */
  document(listener: Listener = 'public'): object {
    const ways = waysAt(listener, this.config);
    // Relative, as a proxy may have cut a prefix off the path.
    const docs = ways.docs ? { docs: './docs', redoc: './redoc', openapi: './openapi.json' } : {};
    return {
      name: 'nestor',
      version: VERSION,
      versions: [API_VERSION],
      links: ways.docs ? API_LINKS : [],
      paths: { models: './models', ...(ways.operation && { health: './health' }), ...docs },
    };
  }
}
