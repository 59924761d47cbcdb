import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HttpModule } from '../http/http.module.js';
import { DoorsModule } from '../doors/doors.module.js';
import { HealthController } from './health.controller.js';

@Module({
  imports: [TerminusModule.forRoot({ logger: false }), HttpModule, DoorsModule],
  controllers: [HealthController],
})
export class HealthModule {}
