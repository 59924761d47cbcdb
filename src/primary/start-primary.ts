import { AppConfig } from '../config/app-config.js';
import { AppLogger } from '../observability/app-logger.js';
import { CallerCounts } from './caller-counts.js';
import type { Office } from './office.js';
import { Primary } from './primary.js';
import { StateOffice } from './state-office.js';

/** Starts so many workers, and does for them what only one may do, until they have ended. @throws StartupFault */
export async function startPrimary(config: AppConfig, workers: number): Promise<void> {
  const logger = new AppLogger(config);
  // What workers may ask of the primary stands here, one office for each matter.
  const offices: Office[] = [new StateOffice(config, logger), new CallerCounts()];
  await new Primary(workers, logger, offices).run();
  await logger.onApplicationShutdown();
}
