import { AppConfig } from '../config/app-config.js';
import { AppLogger } from '../observability/app-logger.js';
import { Primary } from './primary.js';

/** Starts so many workers, and does for them what only one may do, until they have ended. @throws StartupFault */
export async function startPrimary(config: AppConfig, workers: number): Promise<void> {
  const logger = new AppLogger(config);
  await new Primary(workers, logger, () => undefined).run();
  await logger.onApplicationShutdown();
}
