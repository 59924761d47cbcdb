import { type DynamicModule, Module } from '@nestjs/common';
import { AccessModule } from './access/access.module.js';
import { ChannelModule } from './channel/channel.module.js';
import { AppConfig } from './config/app-config.js';
import { ConfigModule } from './config/config.module.js';
import { HealthModule } from './health/health.module.js';
import { ShutdownModule } from './http/shutdown.module.js';
import { DoorsModule } from './doors/doors.module.js';
import { ObservabilityModule } from './observability/observability.module.js';

@Module({})
export class AppModule {
  static for(config: AppConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.for(config),
        ChannelModule,
        ObservabilityModule,
        AccessModule,
        ShutdownModule,
        DoorsModule,
        HealthModule,
      ],
    };
  }
}
