import { Injectable } from '@nestjs/common';
import { MetricsRegistry } from './metrics-registry.js';
import type { Tally, TalliedHistogram } from './tallied-histogram.js';

export const DURATION_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
] as const;

/** `http_server_request_duration_seconds` by method, route template, kind and status (OpenTelemetry's name). */
@Injectable()
export class HttpMetrics {
  private readonly histogram: TalliedHistogram;
  /** By route, then method, then status: a key made of all three would be a new text to hash at every request. */
  private readonly tallies = new Map<string, Map<string, Map<number, Tally>>>();

  constructor(registry: MetricsRegistry) {
    this.histogram = registry.histogram({
      name: 'http_server_request_duration_seconds',
      help: 'Duration of HTTP requests by method, route template and status.',
      buckets: DURATION_BUCKETS,
    });
  }

  /**
   * `route` is a template or `unmatched` and the parser knows few methods, so the label sets are bounded. `kind` is
   * `prediction` where the route says so of itself, else `other`: the service level objectives count the first.
   */
  observe(
    method: string,
    route: string,
    kind: 'prediction' | 'other',
    status: number,
    seconds: number,
  ): void {
    const known = this.tallies.get(route)?.get(method)?.get(status);
    const tally = known ?? this.histogram.tally({ method, route, kind, status: String(status) });
    if (known === undefined) this.keep(tally, method, route, status);
    tally.observe(seconds);
  }

  private keep(tally: Tally, method: string, route: string, status: number): void {
    const byMethod = this.tallies.get(route) ?? new Map<string, Map<number, Tally>>();
    const byStatus = byMethod.get(method) ?? new Map<number, Tally>();
    this.tallies.set(route, byMethod.set(method, byStatus.set(status, tally)));
  }
}
