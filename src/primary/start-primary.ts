import type { SignalListener } from '../channel/signals.js';
import type { AppConfig } from '../config/app-config.js';
import type { Limits } from '../config/limits.js';
import { AppLogger } from '../observability/app-logger.js';
import { MetricsRegistry } from '../observability/metrics-registry.js';
import { tryAddresses } from './addresses.js';
import { CallerCounts } from './caller-counts.js';
import { CountOffice } from './count-office.js';
import { LentKeysOffice } from './lent-keys-office.js';
import { MetricsOffice } from './metrics-office.js';
import type { Office } from './office.js';
import { OpenPorts } from './open-ports.js';
import { PassingOn } from './passing-on.js';
import { Primary } from './primary.js';
import { Pulse } from './pulse.js';
import { StateOffice } from './state-office.js';
import { TurnOffice } from './turn-office.js';
import { WorkerSlot } from './worker-slot.js';

/**
 * Starts the workers, and does for them what only one may do, until they have ended; `listen` is given whoever hears the
 * signals from then on.
 * @returns the exit code. @throws StartupFault
 */
export async function startPrimary(
  config: AppConfig,
  { workers, cpus, memoryBytes }: Limits,
  listen: (listener: SignalListener) => void,
): Promise<number> {
  // How many there are and where they listen stays; all else they read anew when they are replaced.
  const settings = { ...(await tryAddresses(config)), WORKERS: String(workers) };
  const logger = new AppLogger(config);
  if (process.pid === 1)
    logger.warn(
      'process 1 of the container is no init: what workers that are killed leave behind stays listed',
      {
        mend: 'start the container with an init (docker run --init, or init: true in compose)',
      },
    );
  // What workers may ask of the primary stands here, one office for each matter.
  const offices: Office[] = [
    new OpenPorts(),
    new PassingOn(),
    new Pulse(logger),
    new StateOffice(config, logger),
    new CallerCounts(),
    new CountOffice(workers),
    new MetricsOffice(workers, new MetricsRegistry(config)),
    new LentKeysOffice(),
    new TurnOffice(),
  ];
  const start = (slot: number): WorkerSlot => WorkerSlot.start(slot, settings);
  const told = { workers, cpus, memory_bytes: memoryBytes };
  const primary = new Primary({ workers, start, offices, logger, told });
  listen((asked) => primary.hear(asked));
  try {
    return await primary.run();
  } finally {
    await logger.onApplicationShutdown();
  }
}
