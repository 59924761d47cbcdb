import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { atEnd } from './clean-up.js';

/** Runs `bench/<name>.mjs` to its end. @returns all that it printed. */
export async function runBench(
  name: string,
  ...parameters: string[]
): Promise<{ code: number | null; output: string }> {
  const path = fileURLToPath(new URL(`../../bench/${name}.mjs`, import.meta.url));
  const child = spawn(process.execPath, [path, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
  atEnd(() => child.kill());
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}
