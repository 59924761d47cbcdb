import cluster from 'node:cluster';
import module from 'node:module';
import { constants } from 'node:os';
import { join } from 'node:path';
import { platformFault } from './config/platform.js';
import { StartupFault } from './errors/startup-fault.js';

// Until the application is there, a signal ends the start: nothing is served yet. Later it is Nest's; but Nest takes its
// listener off while it shuts down, and without this one Node would end at the next signal with the log half closed.
let isStarting = true;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (isStarting) process.exit(128 + constants.signals[signal]);
  });
}

try {
  const fault = platformFault();
  if (fault !== undefined) throw new StartupFault([fault]);
  // What the build has compiled need not be compiled again. Where the folder cannot be used, the start takes longer.
  module.enableCompileCache(join(import.meta.dirname, 'compile-cache'));
  // Imported only here: what is missing on another platform is missing at the import.
  const { AppConfig } = await import('./config/app-config.js');
  const { limitsOf } = await import('./config/limits.js');
  const config = AppConfig.load();
  const { workers } = limitsOf(config);
  const hasStarted = (): void => {
    isStarting = false;
  };
  // The primary loads nothing of what serves.
  if (workers > 1 && cluster.isPrimary) {
    const { startPrimary } = await import('./primary/start-primary.js');
    hasStarted();
    await startPrimary(config, workers);
  } else {
    const { start } = await import('./start.js');
    await start(config, hasStarted);
  }
} catch (error) {
  process.stderr.write(`${StartupFault.from(error).message}\n`);
  process.exit(1);
}
