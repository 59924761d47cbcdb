import 'reflect-metadata';
import { type AddressInfo, createServer } from 'node:net';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from './app.setup.js';
import { KnownCallers } from './access/known-callers.js';
import type { AppConfig } from './config/app-config.js';
import { StartupFault } from './errors/startup-fault.js';
import { EmbeddedRunner } from './training/embedded-runner.js';
import { AppLogger } from './observability/app-logger.js';

/**
 * Opens what is configured and listens; `hasStarted` is called when signals are the application's own to hear.
 * @throws StartupFault, or whatever else stops the start
 */
export async function start(config: AppConfig, hasStarted: () => void): Promise<void> {
  const app = await createApp(config);
  // Here and not where the application is made: tests and commands leave the signals of their process alone.
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  hasStarted();
  const host = await addressFor(config.host);
  // The application is whole before anybody is answered, and nobody calls a server whose other port cannot be had.
  await app.init();
  const management = await listenForManagement(app, config, host);
  await app.listen(config.port, host);
  const url = await app.getUrl();
  const docs = config.docsEnabled ? `${management ?? url}/docs` : 'off';
  const callers = app.get(KnownCallers).told;
  app.get(AppLogger).info('listening', {
    url,
    ...(management && { management }),
    docs,
    stage: config.stage,
    callers,
  });
  app.get(EmbeddedRunner).start(localUrl(management ?? url));
}

/** @returns the address of what listens for management; undefined: nothing does. @throws StartupFault that names its port */
async function listenForManagement(
  app: NestFastifyApplication,
  { managementPort }: AppConfig,
  host: string,
): Promise<string | undefined> {
  const server = app.getHttpAdapter().getInstance();
  if (server.management === undefined) return undefined;
  await server.ready();
  try {
    await once(server.management.listen(managementPort, host), 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const mend =
      code === 'EADDRINUSE'
        ? 'stop the other process or set another MANAGEMENT_PORT'
        : 'set HOST and MANAGEMENT_PORT to an address that this machine may listen on';
    throw new StartupFault([{ what: `MANAGEMENT_PORT: ${message}`, mend }]);
  }
  const { address, port, family } = server.management.address() as AddressInfo;
  // As Nest says of the other one: of every address that of this machine, where a person may look.
  const name = { '::': '::1', '0.0.0.0': '127.0.0.1' }[address] ?? address;
  return `http://${family === 'IPv6' ? `[${name}]` : name}:${port}`;
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
