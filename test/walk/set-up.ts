import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import freshDist from '../support/fresh-dist.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Builds `dist/` and makes the Python environment where they are missing; without Python 3.11 there is none. */
export default function setup(): void {
  freshDist();
  // It says by itself what it installs, and why it could not.
  const { status } = spawnSync('sh', ['python/setup.sh'], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.stderr.write('what needs the Python package is skipped\n');
}
