import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { setTimeout as after } from 'node:timers/promises';
import { AppConfig } from '../config/app-config.js';

/**
 * Holds the end of the process back for `SHUTDOWN_DELAY_MS`, and says that it has begun: everything is served as before,
 * but the server is not called ready and its replies end their connections, so that balancers and clients go elsewhere.
 * Nest awaits this hook before it begins to close anything.
 */
@Injectable()
export class Shutdown implements OnModuleDestroy {
  hasBegun = false;
  /** Only this process ends: others serve on at the same port, so the server is ready, and nobody is sent elsewhere. */
  isReplaced = false;
  private readonly delay = new AbortController();

  constructor(private readonly config: AppConfig) {}

  async onModuleDestroy(): Promise<void> {
    this.hasBegun = true;
    if (this.config.shutdownDelayMs === 0) return;
    const { signal } = this.delay;
    await after(this.config.shutdownDelayMs, undefined, { signal }).catch(() => undefined);
  }

  /** Ends the delay, or has there be none. */
  hurry(): void {
    this.delay.abort();
  }

  /** Has this process end without a delay, because another one is there in its place. */
  replace(): void {
    this.isReplaced = true;
    this.hurry();
  }
}
