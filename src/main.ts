import 'reflect-metadata';
import { createApp } from './app.setup.js';
import { AppConfig } from './config/app-config.js';
import { StartupFault } from './errors/startup-fault.js';
import { AppLogger } from './observability/app-logger.js';

// Nest takes its listener off while it shuts down, and Node would end at the next signal with the log half closed.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined);

try {
  const config = AppConfig.load();
  const app = await createApp(config);
  await app.listen(config.port, config.host);
  app.get(AppLogger).info('listening', { url: await app.getUrl(), stage: config.stage });
} catch (error) {
  process.stderr.write(`${StartupFault.from(error).message}\n`);
  process.exit(1);
}
