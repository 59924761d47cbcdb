import 'reflect-metadata';
import { constants } from 'node:os';
import { createApp } from './app.setup.js';
import { AppConfig } from './config/app-config.js';
import { StartupFault } from './errors/startup-fault.js';
import { AppLogger } from './observability/app-logger.js';

// Until the application is there, a signal ends the start: nothing is served yet. Later it is Nest's; but Nest takes its
// listener off while it shuts down, and without this one Node would end at the next signal with the log half closed.
let isStarting = true;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (isStarting) process.exit(128 + constants.signals[signal]);
  });
}

try {
  const config = AppConfig.load();
  const app = await createApp(config);
  isStarting = false;
  await app.listen(config.port, config.host);
  const url = await app.getUrl();
  const docs = config.docsEnabled ? `${url}/docs` : 'off';
  app.get(AppLogger).info('listening', { url, docs, stage: config.stage });
} catch (error) {
  process.stderr.write(`${StartupFault.from(error).message}\n`);
  process.exit(1);
}
