import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** The fields of /proc/<pid>/stat; undefined: there is no such process. */
export const statOf = (pid: number | string): string[] | undefined => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
  } catch {
    return undefined;
  }
};

/** Whether a process is there and is no zombie. */
export const isAlive = (pid: number): boolean => (statOf(pid)?.[2] ?? 'Z') !== 'Z';

/** Its command line; empty where it has just ended. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Processes whose command line has `text`, and whose parent is `parent`; a zombie is none. */
export const childrenOf = (parent: number, text: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && statOf(name)?.[3] === String(parent) && statOf(name)?.[2] !== 'Z')
    .filter((pid) => commandOf(pid).includes(text))
    .map(Number);

/** Resolves as soon as it is so; the time limit of the test is its own. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setTimeout(10);
}
