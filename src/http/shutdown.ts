import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import { AppConfig } from '../config/app-config.js';

/**
 * Holds the end of the process back for `SHUTDOWN_DELAY_MS`, and says that it has begun: everything is served as before,
 * but the server is not called ready and its replies end their connections, so that balancers and clients go elsewhere.
 * A second signal ends the delay. Nest awaits this hook before it begins to close anything.
 */
@Injectable()
export class Shutdown implements OnModuleDestroy {
  hasBegun = false;

  constructor(private readonly config: AppConfig) {}

  async onModuleDestroy(): Promise<void> {
    this.hasBegun = true;
    if (this.config.shutdownDelayMs === 0) return;
    const over = new AbortController();
    const { signal } = over;
    const second = (['SIGTERM', 'SIGINT'] as const).map((name) => once(process, name, { signal }));
    await Promise.race([after(this.config.shutdownDelayMs, undefined, { signal }), ...second]);
    over.abort();
  }
}
