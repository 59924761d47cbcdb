import { readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import type { Server } from './server.js';

/** The processes that this one has started and that run. */
export const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

/** The worker that has this number now. */
export const workerOf = ({ pid }: Server, slot: number): number =>
  childrenOf(pid).find((each) => readFileSync(`/proc/${each}/cmdline`, 'utf8').includes(`--worker=${slot}`))!;

/** Kills a worker; when this resolves the primary knows, and deals no connection out to it. */
export async function killed(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await untilGone([pid]);
}

/** Resolves when as many workers serve as should. */
export async function untilAllServe({ url }: Server): Promise<void> {
  for (;;) {
    const reply = await fetch(`${url}/health/ready`);
    const { details } = (await reply.json()) as { details: Record<string, Record<string, unknown>> };
    const { running, configured } = details['workers'] ?? {};
    if (configured !== undefined && running === configured) return;
    await after(50);
  }
}

/** The lines of the log of a server that say this. */
export const linesOf = (server: Server, message: string): Record<string, unknown>[] =>
  server.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line['message'] === message);

/** Resolves when the log says this so often. */
export async function untilSaid(
  server: Server,
  message: string,
  times = 1,
): Promise<Record<string, unknown>> {
  for (;;) {
    const said = linesOf(server, message)[times - 1];
    if (said !== undefined) return said;
    if (server.child.exitCode !== null) throw new Error(`the server ended: ${server.stdout}${server.stderr}`);
    await after(20);
  }
}

/** Resolves when none of these processes runs any more. */
export async function untilGone(pids: readonly number[]): Promise<void> {
  while (pids.some(isRunning)) await after(10);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
