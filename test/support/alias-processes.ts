import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Plan } from './alias-child.js';
import { temporaryFolder } from './temporary-folder.js';

const HOOKS = new URL('typescript-child.mjs', import.meta.url).href;
const CHILD = fileURLToPath(new URL('alias-child.ts', import.meta.url));
/** Compiling the sources costs more than all that a child does; only the first one does it. */
const CACHE = temporaryFolder();

/** What became of one change of a child. */
export interface Outcome {
  readonly revision?: number;
  readonly code?: string;
  readonly message?: string;
}

export interface Ending {
  readonly outcomes: Outcome[];
  /** Names of the calls of the file system, where the child came to its end. */
  readonly calls?: string[];
  readonly signal: NodeJS.Signals | null;
}

/** A process of its own that waits to begin. */
export interface AliasProcess {
  /** Begins and runs to the end. */
  readonly run: () => Promise<Ending>;
  readonly kill: () => void;
}

export async function startAliasProcess(plan: Plan): Promise<AliasProcess> {
  const child = spawn(
    process.execPath,
    ['--no-warnings', '--experimental-transform-types', `--import=${HOOKS}`, CHILD, JSON.stringify(plan)],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, NODE_COMPILE_CACHE: CACHE } },
  );
  const closed = once(child, 'close');
  const lines: string[] = [];
  const output = createInterface(child.stdout).on('line', (line) => lines.push(line));
  await once(output, 'line');
  return {
    run: async () => {
      child.stdin.on('error', () => undefined).write('go\n');
      const [, signal] = (await closed) as [number | null, NodeJS.Signals | null];
      const told = lines.slice(1).map((line) => JSON.parse(line) as Outcome & { calls?: string[] });
      const calls = told.find((line) => line.calls !== undefined)?.calls;
      const outcomes = told.filter((line) => line.calls === undefined);
      return { outcomes, signal, ...(calls !== undefined && { calls }) };
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

/** Starts a process, lets it begin at once and waits for its end. */
export async function runAliasProcess(plan: Plan): Promise<Ending> {
  return (await startAliasProcess(plan)).run();
}
