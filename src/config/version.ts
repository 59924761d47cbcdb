import { readFileSync } from 'node:fs';

/** Version of Nestor, from the package file two folders above both `src/config` and `dist/config`. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
