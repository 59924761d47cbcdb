import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether an address leads to this machine and no other. */
export function isLoopback(address = ''): boolean {
  const family = isIP(address);
  // An IPv4 address within IPv6, ::ffff:127.0.0.1, is compared with the rules for IPv4.
  return family !== 0 && LOOPBACK.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** Whether a name, or an address as it stands in a URL, leads to this machine and no other. */
export const isLoopbackHost = (name: string): boolean =>
  name === 'localhost' || isLoopback(name.replace(/^\[(.*)\]$/, '$1'));
