import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BUILD = fileURLToPath(new URL('../../scripts/build-if-older.mjs', import.meta.url));

/** Nobody tests yesterday's build. */
export default function setup(): void {
  execFileSync(process.execPath, [BUILD], { stdio: 'inherit' });
}
