import cluster from 'node:cluster';
import module from 'node:module';
import { constants } from 'node:os';
import { join } from 'node:path';
import { onSignals, type SignalListener } from './channel/signals.js';
import { platformFault } from './config/platform.js';
import { StartupFault } from './errors/startup-fault.js';

// Until the application is there, a signal ends the start: nothing is served yet.
let hear: SignalListener = (asked, signal) => {
  if (asked === 'end') process.exit(128 + constants.signals[signal]);
};
onSignals((asked, signal) => hear(asked, signal));

try {
  const fault = platformFault();
  if (fault !== undefined) throw new StartupFault([fault]);
  // What the build has compiled need not be compiled again. Where the folder cannot be used, the start takes longer.
  module.enableCompileCache(join(import.meta.dirname, 'compile-cache'));
  // Imported only here: what is missing on another platform is missing at the import.
  const { AppConfig } = await import('./config/app-config.js');
  const { limitsOf } = await import('./config/limits.js');
  const config = AppConfig.load();
  const limits = limitsOf(config);
  const listen = (listener: SignalListener): void => {
    hear = listener;
  };
  // The primary loads nothing of what serves.
  if (limits.workers > 1 && cluster.isPrimary) {
    const { startPrimary } = await import('./primary/start-primary.js');
    process.exit(await startPrimary(config, limits, listen));
  }
  const { start } = await import('./start.js');
  await start(config, limits, listen);
} catch (error) {
  const fault = StartupFault.from(error);
  const end = (): never => process.exit(1);
  // What keeps a worker from starting is said by the primary, once for all.
  if (cluster.isWorker) process.send!({ kind: 'fault', payload: fault.faults }, end);
  else {
    process.stderr.write(`${fault.message}\n`);
    end();
  }
}
