import type { FastifyRequest } from 'fastify';
import type { Scope } from '../access/scope.js';
import type { BodyForm } from '../inputs/body-form.js';

/**
 * What a route is, where that decides how it is treated: `prediction` counts for the service level objectives and is
 * admitted by what it would cost; the 503 of `health` is no problem document.
 */
export type RouteKind = 'prediction' | 'health';

/**
 * What the body of a route holds: one row or many rows of its model, what the form says, or nothing that
 * anybody reads. A route that says nothing takes a small document.
 */
export type Takes = 'row' | 'rows' | 'nothing' | BodyForm;

/** The route that answers a request. */
export interface Route {
  /** As people write it: metrics, access lines and records name it so. */
  readonly template: string;
  readonly kind: RouteKind | undefined;
  /** What a caller needs; undefined: there is no route. */
  readonly scope: Scope | 'nothing' | undefined;
  readonly alsoFor: 'runner' | 'lease' | undefined;
  /** Bytes that its body may have. */
  readonly bodyLimit: number;
  readonly takes: Takes | undefined;
  /** The model that it asks, where its path names none. */
  readonly model: string | undefined;
  /** Its body is a tar, which its handler reads as it arrives. */
  readonly takesArchive: boolean;
  /** Its body may also be CSV or NDJSON. */
  readonly takesTable: boolean;
  /** Its body may be a form as well as JSON: its handler gets the bytes, and reads them (`form-body.ts`). */
  readonly takesForms: boolean;
  /** Its handler waits for news of something. */
  readonly waits: boolean;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    kind?: RouteKind;
    takes?: Takes;
    model?: string;
    takesArchive?: boolean;
    takesTable?: boolean;
    takesForms?: boolean;
    waits?: boolean;
  }
  interface FastifyRequest {
    /** Set before any other hook is asked. */
    route: Route | null;
    /** What the body of this call may be, where that is known more closely than by the bytes of its route. */
    bodyForm: BodyForm | null;
  }
}

/** Of a request that no route answers. */
export const UNMATCHED: Route = {
  template: 'unmatched',
  kind: undefined,
  scope: undefined,
  alsoFor: undefined,
  bodyLimit: 0,
  takes: undefined,
  model: undefined,
  takesArchive: false,
  takesTable: false,
  takesForms: false,
  waits: false,
};
/** Routes are few and fixed, so each is made once; its configuration is the same object at every request. */
const ROUTES = new WeakMap<object, Route>();

/** Looked up once a request: Fastify makes a new object whenever it is asked for the route's options. */
export function routeOf(request: FastifyRequest): Route {
  return (request.route ??= lookUp(request));
}

function lookUp(request: FastifyRequest): Route {
  // `*`, the target of an OPTIONS about the whole server, is no path, but the router takes it for its first route.
  if (request.is404 || request.raw.url === '*') return UNMATCHED;
  const { config, url, bodyLimit } = request.routeOptions;
  let route = ROUTES.get(config);
  if (route === undefined) {
    // Without the pattern that the router needs to tell a parameter from a colon.
    const template = (config.template ?? url)?.replaceAll(/\(\^[^)]*\)/g, '').replaceAll('::', ':');
    const { kind, scope, alsoFor, takes, model } = config;
    const { takesArchive = false, takesTable = false, takesForms = false, waits = false } = config;
    const told = { kind, scope, alsoFor, takes, model, takesArchive, takesTable, takesForms, waits };
    route = template === undefined ? UNMATCHED : { template, bodyLimit, ...told };
    ROUTES.set(config, route);
  }
  return route;
}
