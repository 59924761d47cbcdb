import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who holds a lock: the content of a lock file. */
export interface LockOwner {
  /** Never the same twice; it tells two locks of one process apart. */
  readonly token: string;
  readonly pid: number;
  /** When the process started, in the kernel's ticks; null where there is no /proc. */
  readonly started: string | null;
  readonly host: string;
}

/**
 * Within what process numbers can be compared. A name alone does not say it: two containers may have the same one. The
 * kernel's boot and the namespace do, where there is a /proc; a namespace of the same number on the same boot is either
 * this one or a dead one.
 */
const HOST = [
  hostname(),
  ask(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
  ask(() => readlinkSync('/proc/self/ns/pid')),
].join(' ');

/** This process, with a new token. */
export function newOwner(): LockOwner {
  return {
    token: randomUUID(),
    pid: process.pid,
    started: stateOf(process.pid)?.started ?? null,
    host: HOST,
  };
}

/** The owner that a lock file names; undefined where a power failure or a kill left no whole text. */
export function parseOwner(text: string): LockOwner | undefined {
  try {
    const { token, pid, started, host } = JSON.parse(text) as Record<string, unknown>;
    const isOwner =
      typeof token === 'string' &&
      /^[\w-]{1,64}$/.test(token) &&
      Number.isSafeInteger(pid) &&
      Number(pid) > 0;
    return isOwner ? ({ token, pid, started: started ?? null, host } as LockOwner) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the owner is a process of this host that has ended; undefined for another host, which cannot be asked. */
export function isGone({ pid, started, host }: LockOwner): boolean | undefined {
  if (host !== HOST) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  const now = stateOf(pid);
  if (now === undefined || started === null) return false;
  // A killed process whose parent never asks for it keeps its number as a zombie (Z).
  return now.started !== started || now.letter === 'Z';
}

function stateOf(pid: number): { letter: string; started: string } | undefined {
  const stat = ask(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The second field is the program's name in brackets, and may hold anything, spaces and brackets included.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields && { letter: fields[0]!, started: fields[19]! };
}

function ask(question: () => string): string | undefined {
  try {
    return question();
  } catch {
    return undefined;
  }
}
