import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { ShutdownModule } from '../http/shutdown.module.js';
import { DoorsModule } from '../doors/doors.module.js';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsTeller } from './metrics-teller.js';

@Module({
  imports: [TerminusModule.forRoot({ logger: false }), ShutdownModule, DoorsModule],
  controllers: [HealthController, MetricsController],
  providers: [MetricsTeller],
})
export class HealthModule {}
