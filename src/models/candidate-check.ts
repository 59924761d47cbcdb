import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { Turns } from '../channel/turns.js';
import type { AppConfig } from '../config/app-config.js';
import { limitsOf } from '../config/limits.js';
import { memoryLimit } from '../config/memory-limit.js';
import { boundedText } from '../files/bounded-text.js';

/** Also from src/, where it is not built. */
const CANDIDATE = fileURLToPath(new URL('../../dist/cli/candidate.js', import.meta.url));

/** A slow model answers its golden samples in a part of this (`runners/replay.ts`). */
const CANDIDATE_MS = 60_000;

/** Tries a version folder in a process of its own. @returns the CPU seconds of one row. @throws ArtifactFault: why it is refused. */
export type CheckCandidate = (folder: string, signal?: AbortSignal) => Promise<number>;

/** What a candidate may take while it is checked. */
export interface CandidateLimits {
  readonly timeoutMs: number;
  readonly memoryBytes: number;
}

/** A quarter of what the container may have, else of the machine's memory; more where a slow model may have more. */
export function candidateMemory(inferenceMemoryBytes = 0): number {
  return Math.max(Math.floor(memoryLimit() / 4), inferenceMemoryBytes);
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
  limits: CandidateLimits,
  signal?: AbortSignal,
): Promise<number> {
  const checked = last.then(() => check(folder, limits, signal));
  last = checked.catch(() => {});
  return checked;
}

/**
 * How this server checks a version that comes while it runs: one at a time of all workers, as each may take a quarter of
 * what the container has for all of them.
 */
export function checkInTurn(turns: Pick<Turns, 'take'>, config: AppConfig): CheckCandidate {
  const memoryBytes = candidateMemory(limitsOf(config).inferenceMemoryBytes);
  return (folder, signal) =>
    turns.take('candidate', () => checkCandidate(folder, { timeoutMs: CANDIDATE_MS, memoryBytes }, signal));
}

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
