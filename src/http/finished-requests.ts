import type { AppLogger } from '../observability/app-logger.js';
import type { HttpMetrics } from '../observability/http-metrics.js';
import { type Route, UNMATCHED } from './route-kind.js';

/** Of a request whose method could not be read (OpenTelemetry's name). */
export const NO_METHOD = '_OTHER';

declare module 'fastify' {
  interface FastifyInstance {
    finishedRequests: FinishedRequests;
  }
}

/** Counts every request when it is answered, and logs it if that is asked for. */
export class FinishedRequests {
  constructor(
    private readonly metrics: HttpMetrics,
    private readonly logger: AppLogger,
  ) {}

  add(
    id: string,
    method: string,
    { template: route, kind }: Route,
    status: number,
    milliseconds: number,
    principal: string | null = null,
  ): void {
    const counted = kind === 'prediction' ? kind : 'other';
    this.metrics.observe(method, route, counted, status, milliseconds / 1000);
    if (!this.logger.logsAccess) return;
    const duration = Math.round(milliseconds * 1000) / 1000;
    this.logger.access({ request_id: id, method, route, status, duration_ms: duration, principal });
  }

  /** One that was refused before there was a route, and at once. */
  addRefused(id: string, method: string, status: number): void {
    this.add(id, method, UNMATCHED, status, 0);
  }
}
