import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from './app.setup.js';
import { KnownCallers } from './access/known-callers.js';
import { Siblings } from './channel/siblings.js';
import type { SignalListener } from './channel/signals.js';
import type { AppConfig } from './config/app-config.js';
import type { Limits } from './config/limits.js';
import { endWhenTold } from './ending.js';
import { EmbeddedRunner } from './training/embedded-runner.js';
import { AppLogger } from './observability/app-logger.js';
import { addressOf, managementFault } from './primary/addresses.js';

/**
 * Opens what is configured and listens; `listen` is given whoever hears the signals from then on.
 * @throws StartupFault, or whatever else stops the start
 */
export async function start(
  config: AppConfig,
  { cpus, memoryBytes }: Limits,
  listen: (listener: SignalListener) => void,
): Promise<void> {
  const app = await createApp(config);
  // Here and not where the application is made: tests and commands leave the signals of their process alone.
  endWhenTold(app, listen);
  const siblings = app.get(Siblings);
  const { primary, isAlone } = siblings;
  // The primary has found it for all workers.
  const host = isAlone ? await addressOf(config.host) : config.host;
  // The application is whole before anybody is answered, and nobody calls a server whose other port cannot be had.
  await app.init();
  await siblings.join();
  const management = await listenForManagement(app, config, host);
  await app.listen(config.port, host);
  const url = await app.getUrl();
  const docs = config.docsEnabled ? `${management ?? url}/docs` : 'off';
  const callers = app.get(KnownCallers).told;
  const where = { url, ...(management && { management }), docs, stage: config.stage, callers };
  // Where there are several, the primary says it for all.
  if (primary === undefined)
    app.get(AppLogger).info('listening', { ...where, workers: 1, cpus, memory_bytes: memoryBytes });
  else primary.tell('listening', where);
  await app.get(EmbeddedRunner).start(localUrl(management ?? url));
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
    throw managementFault(error);
  }
  const { address, port, family } = server.management.address() as AddressInfo;
  // As Nest says of the other one: of every address that of this machine, where a person may look.
  const name = { '::': '::1', '0.0.0.0': '127.0.0.1' }[address] ?? address;
  return `http://${family === 'IPv6' ? `[${name}]` : name}:${port}`;
}

/** Where a process of this machine reaches what listens there: all addresses are also the loopback's. */
const localUrl = (url: string): string => url.replace(/\/\/(?:0\.0\.0\.0|\[::1?\])(?=:)/, '//127.0.0.1');
