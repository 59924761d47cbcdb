import { Global, Module } from '@nestjs/common';
import { AppLogger } from './app-logger.js';
import { HttpMetrics } from './http-metrics.js';
import { MetricsRegistry } from './metrics-registry.js';

/** The application log and the metrics registry, available to every room. */
@Global()
@Module({
  providers: [AppLogger, MetricsRegistry, HttpMetrics],
  exports: [AppLogger, MetricsRegistry, HttpMetrics],
})
export class ObservabilityModule {}
