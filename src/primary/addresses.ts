import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { AppConfig } from '../config/app-config.js';
import { StartupFault } from '../errors/startup-fault.js';

/**
 * The address that stands for HOST. `::` is every address of both families; where this machine has no IPv6, all others are
 * `0.0.0.0`. Of `localhost` one address is taken: Fastify would listen on both by a second server, which nobody bounds or
 * drains.
 */
export async function addressOf(host: string): Promise<string> {
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

/** Why nothing listens for management, with the setting that mends it. */
export function managementFault(error: unknown): StartupFault {
  const { code, message } = error as NodeJS.ErrnoException;
  const mend =
    code === 'EADDRINUSE'
      ? 'stop the other process or set another MANAGEMENT_PORT'
      : 'set HOST and MANAGEMENT_PORT to an address that this machine may listen on';
  return new StartupFault([{ what: `MANAGEMENT_PORT: ${message}`, mend }]);
}

/**
 * Listens for a moment where the workers will: what cannot be had is said once, before any of them has loaded a model, and
 * a port that the system chooses is the same for all, and for those that come later.
 * @returns the settings by which workers listen there. @throws StartupFault, or what stops HOST and PORT
 */
export async function tryAddresses({
  host,
  port,
  managementPort,
}: Pick<AppConfig, 'host' | 'port' | 'managementPort'>): Promise<Record<string, string>> {
  const address = await addressOf(host);
  const open: Server[] = [];
  const portAt = async (wanted: number): Promise<string> => {
    const server = createServer();
    open.push(server);
    await once(server.listen(wanted, address), 'listening');
    return String((server.address() as AddressInfo).port);
  };
  try {
    const settings = { HOST: address, PORT: await portAt(port) };
    if (managementPort === undefined) return settings;
    try {
      return { ...settings, MANAGEMENT_PORT: await portAt(managementPort) };
    } catch (error) {
      throw managementFault(error);
    }
  } finally {
    for (const server of open) server.close();
  }
}
