import 'reflect-metadata';
import { createServer } from 'node:net';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createApp } from './app.setup.js';
import { KnownCallers } from './access/known-callers.js';
import { AppConfig } from './config/app-config.js';
import { EmbeddedRunner } from './training/embedded-runner.js';
import { AppLogger } from './observability/app-logger.js';

/**
 * Opens what is configured and listens; `hasStarted` is called when signals are the application's own to hear.
 * @throws StartupFault, or whatever else stops the start
 */
export async function start(hasStarted: () => void): Promise<void> {
  const config = AppConfig.load();
  const app = await createApp(config);
  // Here and not where the application is made: tests and commands leave the signals of their process alone.
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  hasStarted();
  await app.listen(config.port, await addressFor(config.host));
  const url = await app.getUrl();
  const docs = config.docsEnabled ? `${url}/docs` : 'off';
  app
    .get(AppLogger)
    .info('listening', { url, docs, stage: config.stage, callers: app.get(KnownCallers).told });
  app.get(EmbeddedRunner).start(localUrl(url));
}

/** Where a process of this machine reaches what listens there: all addresses are also the loopback's. */
const localUrl = (url: string): string => url.replace(/\/\/(?:0\.0\.0\.0|\[::1?\])(?=:)/, '//127.0.0.1');

/**
 * `::` is every address of both families; where this machine has no IPv6, all others are `0.0.0.0`. Of `localhost` one
 * address is taken: Fastify would listen on both by a second server, which nobody bounds or drains.
 */
async function addressFor(host: string): Promise<string> {
  if (host === 'localhost') return (await lookup(host, { order: 'ipv4first' })).address;
  if (host !== '::') return host;
  const probe = createServer().listen(0, host);
  try {
    await once(probe, 'listening');
    return host;
  } catch {
    return '0.0.0.0';
  } finally {
    probe.close();
  }
}
