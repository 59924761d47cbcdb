// Builds `dist/` where it is missing or older than what it is made of. `npm start` asks first, and so do the tests.
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
/** What the build makes of all the others. */
const BUILT = 'dist/server/start.js';
const MADE_OF = [
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'nest-cli.json',
  'rolldown.config.mjs',
];

const timeOf = (path) => statSync(join(ROOT, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
// Folders too: a file that is gone has changed the time of its folder.
const sources = readdirSync(join(ROOT, 'src'), { recursive: true })
  .filter((path) => !path.endsWith('.spec.ts'))
  .map((path) => join('src', path));

if (timeOf(BUILT) <= Math.max(...[...MADE_OF, 'src', ...sources].map(timeOf))) {
  if (process.stderr.isTTY)
    console.error('dist/ is missing or older than src/: it is built first, some 20 seconds');
  execFileSync('npm', ['run', 'build'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
}
