import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import freshDist from '../support/fresh-dist.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Builds `dist/` and makes the Python environment where they are missing; without Python 3.11 there is none. */
export default function setup(): void {
  freshDist();
  const { status, stderr } = spawnSync('sh', ['python/setup.sh'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) process.stderr.write(`what needs the Python package is skipped: ${stderr}\n`);
}
