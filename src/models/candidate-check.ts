import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { Turns } from '../channel/turns.js';
import { memoryLimit } from '../config/memory-limit.js';
import { boundedText } from '../files/bounded-text.js';

/** Also from src/, where it is not built. */
const CANDIDATE = fileURLToPath(new URL('../../dist/cli/candidate.js', import.meta.url));

/** What a candidate may take while it is checked. */
export interface CandidateLimits {
  readonly timeoutMs: number;
  readonly memoryBytes: number;
}

/** A quarter of what the container may have, else of the machine's memory. */
export function candidateMemory(): number {
  return Math.floor(memoryLimit() / 4);
}

let last: Promise<unknown> = Promise.resolve();

/**
 * Opens, replays and warms up a version folder in a process of its own, which ends after it, at the latest when the
 * limits are passed, this process ends or `signal` aborts. One at a time; others wait in order.
 * @returns the CPU seconds of one row, as measured there.
 * @throws ArtifactFault with the reason for which the folder cannot be served.
 */
export function checkCandidate(
  folder: string,
  limits: CandidateLimits = { timeoutMs: 60_000, memoryBytes: candidateMemory() },
  signal?: AbortSignal,
): Promise<number> {
  const checked = last.then(() => check(folder, limits, signal));
  last = checked.catch(() => {});
  return checked;
}

/** As `checkCandidate`, one at a time of all workers: each may take a quarter of what the container has for all of them. */
export const checkInTurn =
  (turns: Pick<Turns, 'take'>): typeof checkCandidate =>
  (...asked) =>
    turns.take('candidate', () => checkCandidate(...asked));

async function check(
  folder: string,
  { timeoutMs, memoryBytes }: CandidateLimits,
  signal: AbortSignal | undefined,
): Promise<number> {
  const heap = `--max-old-space-size=${Math.ceil(memoryBytes / 2 ** 20)}`;
  const child = spawn(
    process.execPath,
    [heap, '--max-semi-space-size=4', CANDIDATE, folder, String(memoryBytes), String(process.pid)],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      ...(signal && { signal }),
    },
  );
  const [output, errors] = [boundedText(child.stdout), boundedText(child.stderr)];
  const [code, killedBy] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const { reason, seconds_per_row } = told(output());
  if (code === 0 && seconds_per_row !== undefined) return seconds_per_row;
  if (reason !== undefined) throw new ArtifactFault(reason);
  if (child.killed)
    throw new ArtifactFault(`the candidate did not end its check within ${timeoutMs / 1000} s`);
  if (killedBy !== null)
    throw new ArtifactFault(`the candidate ended the process that checked it (${killedBy})`);
  throw new Error(`a candidate could not be checked (exit code ${code}): ${errors()}`);
}

/** Its own word or the watchdog's: the first line counts. */
function told(output: string): { reason?: string; seconds_per_row?: number } {
  try {
    return JSON.parse(output.split('\n', 1)[0]!) as ReturnType<typeof told>;
  } catch {
    return {};
  }
}
