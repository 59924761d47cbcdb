#!/usr/bin/env node
// The command line of Nestor. `npm run build` makes what it needs.
import { existsSync } from 'node:fs';

const built = (name) => new URL(`../dist/${name}.js`, import.meta.url);
if (!existsSync(built('cli/cli'))) {
  console.error('nestor is not built yet: run npm run build');
  process.exit(1);
}
const { platformFault } = await import(built('config/platform'));
const { StartupFault } = await import(built('errors/startup-fault'));
try {
  const fault = platformFault();
  if (fault !== undefined) throw new StartupFault([fault]);
  await import(built('cli/cli'));
} catch (error) {
  console.error(StartupFault.from(error).message);
  process.exit(1);
}
