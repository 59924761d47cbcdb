import { hostname } from 'node:os';

/** A process of another host cannot be asked whether it lives; what nobody has touched for this long is left. */
const ABANDONED_MS = 3_600_000;
const NAME = /^(?<host>.+)-(?<pid>\d+)-[^-]+$/;
/** This machine, in a file's name. */
export const HOST = hostname().replaceAll(/[^A-Za-z0-9._-]/g, '_');

/** A name that says which process something belongs to; `id` has no hyphen. */
export function ownedName(id: string): string {
  return `${HOST}-${process.pid}-${id}`;
}

/** Whether the process that gave `ownedName` is gone, asked before this process has given any. */
export function isAbandoned(name: string, mtimeMs: number): boolean {
  const { host, pid } = NAME.exec(name)?.groups ?? {};
  if (host !== HOST) return Date.now() - mtimeMs > ABANDONED_MS;
  // Our own pid on our own host: we have made nothing yet, so it is a predecessor in a restarted container.
  return Number(pid) === process.pid || !isAlive(Number(pid));
}

/** Asks the machine that this process runs on. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
