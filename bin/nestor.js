#!/usr/bin/env node
// The command line of Nestor. `npm run build` makes what it needs.
import { existsSync } from 'node:fs';

const built = new URL('../dist/cli/cli.js', import.meta.url);
if (!existsSync(built)) {
  console.error('nestor is not built yet: run npm run build');
  process.exit(1);
}
await import(built.href);
